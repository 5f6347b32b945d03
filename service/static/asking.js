// Asking the endpoint as any client does, by the SPARQL 1.1 Protocol.

const ACCEPT = "application/sparql-results+json, text/turtle;q=0.9";

/**
 * Ask a query, and return one of
 *   {problem}: a problem document (RFC 9457),
 *   {tooLarge: true}: the answer is over `mostBytes`; the rest of it was not fetched,
 *   {text, type, release, milliseconds}: the whole answer.
 * Rejects with AbortError where it was stopped, and with TypeError where the connection broke.
 */
export async function ask(endpoint, parameters, { signal, mostBytes, mostInAddress }) {
  const began = performance.now();
  const response = await send(endpoint, parameters, mostInAddress, signal);
  const type = response.headers.get("content-type") ?? "";
  if (!response.ok) return { problem: await problemOf(response, type) };
  const text = await read(response, mostBytes);
  if (text === null) return { tooLarge: true };
  const milliseconds = Math.round(performance.now() - began);
  return { text, type, release: response.headers.get("x-release"), milliseconds };
}

/** Return the response to a request that takes data; what is too long for an address is posted. */
export function send(endpoint, parameters, mostInAddress, signal, accept = ACCEPT) {
  const body = new URLSearchParams(parameters);
  const address = endpoint.split("#")[0];
  const options = { headers: { Accept: accept }, signal, credentials: "same-origin" };
  if (body.toString().length <= mostInAddress) return fetch(`${address}?${body}`, options);
  return fetch(address, { ...options, method: "POST", body });
}

async function problemOf(response, type) {
  if (type.startsWith("application/problem+json")) return response.json();
  return { title: `${response.status} ${response.statusText}`, detail: "", status: response.status };
}

/** Return the body as text, null where it is over the bound. */
async function read(response, mostBytes) {
  const decoder = new TextDecoder();
  const parts = [];
  let bytes = 0;
  const reader = response.body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return parts.join("") + decoder.decode();
    bytes += value.length;
    if (bytes > mostBytes) {
      await reader.cancel();
      return null;
    }
    parts.push(decoder.decode(value, { stream: true }));
  }
}
