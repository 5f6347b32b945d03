// Makes the form of the query editor comfortable: colours and completion (YASQE), results that sort
// and filter (YASR). Nothing but our own endpoint is called: the endpoint is this page's address, and
// of the completers only those for variables and for our own prefixes are kept.
"use strict";

(function () {
  const form = document.getElementById("ask");
  const text = document.getElementById("query");
  const state = document.getElementById("state");
  const results = document.getElementById("results");
  const { Yasqe } = window;
  const { Yasr } = window;
  const endpoint = new URL("/sparql", document.location.href).href;
  const prefixes = JSON.parse(form.dataset.prefixes);
  const bases = JSON.parse(form.dataset.bases);

  Yasqe.forkAutocompleter("prefixes", {
    name: "vises-prefixes",
    persistenceId: null,
    get: () => Promise.resolve(Object.entries(prefixes).map(([p, iri]) => `${p}: <${iri}>`).sort()),
  });

  const holder = document.createElement("div");
  text.before(holder);
  const editor = new Yasqe(holder, {
    value: text.value,
    autocompleters: ["variables", "vises-prefixes"],
    persistenceId: null,
    consumeShareLink: null,
    createShareableLink: null,
    showQueryButton: false,
    editorHeight: "26rem",
    requestConfig: { endpoint, method: "POST" },
  });
  text.hidden = true;
  editor.getInputField().setAttribute("aria-label", form.querySelector("label").textContent);

  let viewer = null;
  function view() {
    if (viewer === null) {
      results.replaceChildren();
      Yasr.defaults.plugins.table.dynamicConfig = { compact: true, isEllipsed: false };
      viewer = new Yasr(results, { persistenceId: null, prefixes });
    }
    return viewer;
  }

  // Leads an IRI of ours to its page here, wherever the service runs.
  function stayHere(event) {
    const link = event.target.closest("a.iri");
    const base = link && bases.find((b) => link.getAttribute("href").startsWith(b));
    if (base) {
      link.href = "/" + link.getAttribute("href").slice(base.length);
      link.target = "_self";
    }
  }
  results.addEventListener("mouseover", stayHere);
  results.addEventListener("focusin", stayHere);

  // Shows a problem document (RFC 9457) as the page without a script does.
  function complain(message) {
    let problem = { title: state.dataset.failed, detail: message };
    try {
      problem = JSON.parse(message);
    } catch {
      // The connection broke: there is no document, only the browser's own message.
    }
    viewer = null;
    const box = document.createElement("section");
    box.className = "problem";
    box.setAttribute("role", "alert");
    const title = document.createElement("h2");
    title.textContent = problem.title;
    box.append(title);
    const [sentence, ...excerpt] = problem.detail.split("\n");
    for (const [kind, words] of [["p", sentence], ["pre", excerpt.join("\n")], ["p", problem.remedy]]) {
      if (!words) continue;
      const part = document.createElement(kind);
      part.textContent = words;
      box.append(part);
    }
    results.replaceChildren(box);
  }

  editor.on("query", () => {
    state.textContent = state.dataset.running;
  });
  editor.on("queryResponse", (_, response, duration) => {
    state.textContent = "";
    if (response instanceof Error) complain(response.message);
    else view().setResponse(response, duration);
  });
  editor.on("queryAbort", () => {
    state.textContent = "";
  });

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const address = new URL(endpoint);
    address.searchParams.set("query", editor.getValue());
    if (address.href.length < 8000) history.replaceState(null, "", address);
    editor.query().catch(() => {}); // told by the event queryResponse
  });
})();
