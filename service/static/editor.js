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
      viewer = new Yasr(results, { persistenceId: null, prefixes });
    }
    return viewer;
  }

  editor.on("query", () => {
    state.textContent = state.dataset.running;
  });
  editor.on("queryResponse", (_, response, duration) => {
    state.textContent = state.dataset.ready;
    view().setResponse(response, duration);
  });
  editor.on("queryAbort", () => {
    state.textContent = "";
  });

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const address = new URL(endpoint);
    address.searchParams.set("query", editor.getValue());
    if (address.href.length < 8000) history.replaceState(null, "", address);
    editor.query().catch(() => {
      state.textContent = state.dataset.ready;
    });
  });
})();
