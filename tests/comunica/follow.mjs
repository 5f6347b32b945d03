// Follows an event stream with ldes-client: a line of JSON for each member, as it comes.
import { intoConfig, replicateLDES } from "ldes-client";

const term = ({ termType, value, language, datatype }) => ({ termType, value, language, datatype: datatype?.value });

const [address, order, options] = process.argv.slice(2);
const client = replicateLDES(intoConfig({ url: address, ...JSON.parse(options) }), order);
let fetched = 0;
client.on("fragment", () => fetched++);
for await (const member of client.stream()) {
  const quads = member.quads.map((q) => [q.subject, q.predicate, q.object, q.graph].map(term));
  process.stdout.write(JSON.stringify({ iri: member.id.value, quads }) + "\n");
}
process.stdout.write(JSON.stringify({ fetched }) + "\n");
