// Makes the form of the query editor comfortable with YASQE: colours, completion, marked mistakes.
// Running a query is submitting the form, with or without this script, so an answer has one look.
// Nobody is called: of the completers only those for variables and for our own prefixes are kept.
"use strict";

(function () {
  const MOST_IN_ADDRESS = 6000; // characters; a longer query is posted
  const { Yasqe } = window;
  const form = document.getElementById("ask");
  const text = document.getElementById("query");
  const state = document.getElementById("state");
  const prefixes = Object.entries(JSON.parse(form.dataset.prefixes));

  Yasqe.forkAutocompleter("prefixes", {
    name: "vises-prefixes",
    persistenceId: null,
    get: () => Promise.resolve(prefixes.map(([name, iri]) => `${name}: <${iri}>`).sort()),
  });

  const run = () => form.requestSubmit();
  const holder = document.createElement("div");
  text.before(holder);
  const editor = new Yasqe(holder, {
    value: text.value,
    autocompleters: ["variables", "vises-prefixes"],
    persistenceId: null,
    consumeShareLink: null,
    createShareableLink: null,
    showQueryButton: false,
    resizeable: false,
    editorHeight: "26rem",
    extraKeys: { "Ctrl-Enter": run, "Cmd-Enter": run, "Ctrl-S": false },
    requestConfig: { endpoint: form.action },
  });
  editor.getInputField().setAttribute("aria-label", text.labels[0].textContent);
  text.hidden = true;

  form.addEventListener("submit", () => {
    text.value = editor.getValue();
    form.method = encodeURIComponent(text.value).length > MOST_IN_ADDRESS ? "post" : "get";
    state.textContent = state.dataset.running;
  });
  window.addEventListener("pageshow", () => {
    state.textContent = "";
  });
})();
