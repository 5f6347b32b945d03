// Makes the form of the query page comfortable: YASQE for the text, and the answer in the page.
// Without this script the form is submitted and the server draws the answer; what the server drew
// stays until something else is asked, so that no query runs twice.
// Nobody but this service is called: of the completers only those for variables and for our own
// prefixes are kept, and the policy of the page forbids the rest.

import { ask } from "./asking.js";
import { Answer } from "./answer.js";
import { showProblem } from "./problem.js";
import { keepQuery, showOwnQueries } from "./own.js";

const MOST_IN_ADDRESS = 6000; // characters; a longer query is posted
const { Yasqe } = window;
const form = document.getElementById("ask");
const text = document.getElementById("query");
const state = document.getElementById("state");
const stop = document.getElementById("stop");
const results = document.getElementById("results");
const settings = JSON.parse(form.dataset.script);
const prefixes = JSON.parse(form.dataset.prefixes);
const t = (key, values = {}) =>
  settings.texts[key].replace(/\{(\w+)\}/g, (_, name) => String(values[name]));
const page = { settings, prefixes, t, results };
let running = null;

function makeEditor() {
  const declarations = Object.entries(prefixes).map(([name, iri]) => `${name}: <${iri}>`).sort();
  Yasqe.forkAutocompleter("prefixes", {
    name: "vises-prefixes",
    persistenceId: null,
    get: () => Promise.resolve(declarations),
  });
  const holder = document.createElement("div");
  text.before(holder);
  const made = new Yasqe(holder, {
    value: text.value,
    autocompleters: ["variables", "vises-prefixes"],
    persistenceId: null,
    consumeShareLink: null,
    createShareableLink: null,
    showQueryButton: false,
    resizeable: false,
    editorHeight: "26rem",
    // Tab leaves the editor, as it leaves any other field.
    extraKeys: { "Ctrl-Enter": () => run(), "Cmd-Enter": () => run(), "Ctrl-S": false, Tab: false, "Shift-Tab": false },
    requestConfig: { endpoint: form.action },
  });
  made.getInputField().setAttribute("aria-label", text.labels[0].textContent);
  text.hidden = true;
  return made;
}

/** Return the parameters of the form but the query: the release and the dataset. */
function parameters() {
  return [...new FormData(form)].filter(([name]) => name !== "query" && name !== "question");
}

async function run(view = null) {
  running?.abort();
  const mine = new AbortController();
  running = mine;
  const query = editor.getValue();
  text.value = query;
  state.textContent = t("query.running");
  stop.hidden = false;
  try {
    const received = await ask(form.action, [...parameters(), ["query", query]], {
      signal: mine.signal,
      mostBytes: settings.mostBytes,
      mostInAddress: MOST_IN_ADDRESS,
    });
    if (mine !== running) return;
    state.textContent = await show(query, received, view);
  } catch (error) {
    if (mine !== running) return;
    if (error.name !== "AbortError" && !(error instanceof TypeError)) throw error;
    state.textContent = t(error.name === "AbortError" ? "query.stopped" : "query.unreachable");
  } finally {
    if (mine === running) {
      running = null;
      stop.hidden = true;
    }
  }
}

/** Show what was received, and return what the status line says of it. */
async function show(query, received, view) {
  let said = "";
  if (received.problem) {
    showProblem(page, received.problem, editor);
  } else if (received.tooLarge) {
    showTooLarge();
  } else {
    keepQuery(query);
    showOwnQueries(t, choose);
    remember(query);
    said = await answer.show(query, received, parameters(), view);
  }
  results.scrollIntoView({ block: "nearest" });
  return said;
}

/** Say that the answer is too large for the page, and offer what the server can draw of it. */
function showTooLarge() {
  const said = document.createElement("p");
  said.className = "banner";
  said.textContent = t("query.too-large", { n: (settings.mostBytes / 1e6).toLocaleString(settings.language) });
  const plainly = document.createElement("button");
  plainly.type = "button";
  plainly.className = "button quiet";
  plainly.textContent = t("query.plainly");
  plainly.addEventListener("click", submit);
  results.replaceChildren(said, plainly);
}

/** Ask the server for the page with the first rows, as without a script. */
function submit() {
  text.value = editor.getValue();
  form.method = encodeURIComponent(text.value).length > MOST_IN_ADDRESS ? "post" : "get";
  form.submit();
}

/** Put what was asked into the address, so that it can be reloaded, kept and gone back to. */
function remember(query) {
  const address = `${form.action.split("#")[0]}?${new URLSearchParams([...parameters(), ["query", query]])}`;
  if (address.length <= MOST_IN_ADDRESS && address !== location.href) history.pushState(null, "", address);
}

function choose(query) {
  editor.setValue(query);
  editor.focus();
}

function filterQuestions(event) {
  const words = event.target.value.toLocaleLowerCase().split(/\s+/);
  for (const topic of document.querySelectorAll(".topic")) {
    const items = [...topic.querySelectorAll("li")];
    for (const item of items) {
      const wording = item.textContent.toLocaleLowerCase();
      item.hidden = !words.every((word) => wording.includes(word));
    }
    topic.hidden = items.every((item) => item.hidden);
    if (event.target.value) topic.open = true;
  }
}

const editor = makeEditor();
const answer = new Answer(page);

form.addEventListener("submit", (event) => {
  event.preventDefault();
  run();
});
stop.addEventListener("click", () => running?.abort());
window.addEventListener("popstate", () => location.reload());
window.addEventListener("pagehide", () => running?.abort());
document.getElementById("keys").hidden = false;
document.querySelector(".find").hidden = false;
document.getElementById("find").addEventListener("input", filterQuestions);
document.getElementById("forget").addEventListener("click", () => {
  keepQuery(null);
  showOwnQueries(t, choose);
});
showOwnQueries(t, choose);

const views = document.getElementById("views");
if (views) {
  views.hidden = false;
  views.addEventListener("click", (event) => {
    const { view } = event.target.dataset;
    if (view) run(view);
  });
}
const share = document.getElementById("share");
if (share) answer.makeCopyable(share);
