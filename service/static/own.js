// The queries that were run here, kept in this browser and nowhere else until they are forgotten.

const KEY = "vises.queries";
const MOST_KEPT = 20;
const MOST_CHARACTERS = 20000; // of one query; a longer one is not kept

/** Keep a query as the newest, or forget all of them (null). */
export function keepQuery(query) {
  if (query === null) localStorage.removeItem(KEY);
  else if (query.length <= MOST_CHARACTERS) {
    const others = kept().filter((other) => other !== query);
    localStorage.setItem(KEY, JSON.stringify([query, ...others].slice(0, MOST_KEPT)));
  }
}

/** List the kept queries; choosing one calls `choose` with it. */
export function showOwnQueries(t, choose) {
  const queries = kept();
  const holder = document.getElementById("own");
  holder.hidden = queries.length === 0;
  holder.querySelector("ol").replaceChildren(
    ...queries.map((query) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = summary(query);
      button.title = query;
      button.addEventListener("click", () => choose(query));
      const item = document.createElement("li");
      item.append(button);
      return item;
    }),
  );
}

function kept() {
  try {
    const found = JSON.parse(localStorage.getItem(KEY) ?? "[]");
    return Array.isArray(found) ? found.filter((query) => typeof query === "string") : [];
  } catch (error) {
    if (error instanceof SyntaxError) return []; // not written by us
    throw error;
  }
}

/** Return the query without its prefixes and comments, on one line. */
function summary(query) {
  const lines = query.split("\n").filter((line) => !/^\s*(#|prefix\b|base\b)/i.test(line));
  return lines.join(" ").replace(/\s+/g, " ").trim().slice(0, 90);
}
