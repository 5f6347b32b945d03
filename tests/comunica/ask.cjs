// Asks Comunica: a line of JSON in ({query, sources}), a line of JSON out.
"use strict";
const readline = require("node:readline");
const { QueryEngine } = require("@comunica/query-sparql");

const engine = new QueryEngine();

async function answer({ query, sources }) {
  const result = await engine.query(query, { sources, lenient: false });
  const { data } = await engine.resultToString(result,
    result.resultType === "quads" ? "application/n-quads" : "application/sparql-results+json");
  let text = "";
  for await (const chunk of data) text += chunk;
  return { kind: result.resultType, text };
}

async function main() {
  process.stdout.write("ready\n");
  for await (const line of readline.createInterface({ input: process.stdin })) {
    let told;
    try {
      told = await answer(JSON.parse(line));
    } catch (error) {
      told = { kind: "error", text: String(error.message) };
    }
    process.stdout.write(JSON.stringify(told) + "\n");
  }
}

main();
