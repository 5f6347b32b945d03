// An answer in the page: its rows in YASR with our views beside its table, downloads, link, code.

import { send } from "./asking.js";
import { makeChart } from "./chart.js";
import { holdsPlaces, makeMap } from "./map.js";
import { makePivot } from "./pivot.js";
import { dressTable, localTable, quickTable } from "./table.js";

export class Answer {
  #page;
  #view = "table";
  #yasr = null;

  constructor(page) {
    this.#page = page;
    const { Yasr } = window;
    Yasr.registerPlugin("pivot", makePivot(page));
    Yasr.registerPlugin("chart", makeChart(page));
    Yasr.registerPlugin("map", makeMap(page));
    Yasr.registerPlugin("table", quickTable(Yasr.plugins.table));
    localTable(Yasr, page.t, page.settings.language);
    page.results.addEventListener("click", (event) => this.#stayHere(event), true);
  }

  /**
   * Show what was received for a query, in a view (null: the one that was looked at last); return
   * what is to be said of it to those who do not see it.
   */
  async show(query, received, parameters, view) {
    const { t, results } = this.#page;
    if (view) this.#view = view;
    this.#yasr?.destroy();
    const heading = document.createElement("h2");
    heading.textContent = t("query.results");
    const count = document.createElement("p");
    const rows = document.createElement("div");
    const share = document.createElement("div");
    results.replaceChildren(heading, count, this.#downloads(query, received, parameters), share, rows);
    const parsed = this.#draw(rows, received);
    const truth = parsed.getBoolean();
    if (typeof truth === "boolean") {
      count.className = "answer";
      count.textContent = t(truth ? "value.yes" : "value.no");
      rows.remove();
    } else {
      const { language } = this.#page.settings;
      const n = (parsed.getBindings() ?? []).length.toLocaleString(language);
      count.textContent = `${t("query.rows", { n })} ${(received.milliseconds / 1000).toLocaleString(language)} s`;
    }
    share.replaceWith(await this.#share(query, received, parameters));
    return count.textContent;
  }

  /** Give a link and the code beside it buttons that copy them. */
  makeCopyable(holder) {
    const link = holder.querySelector(".link");
    link.addEventListener("focus", () => link.select());
    link.after(this.#copyButton(link, () => link.value));
    for (const code of holder.querySelectorAll(".snippet pre")) {
      code.before(this.#copyButton(code, () => code.textContent));
    }
  }

  #draw(holder, received) {
    const { t, prefixes, settings } = this.#page;
    const results = received.type.includes("json") ? JSON.parse(received.text, withoutTripleTerms) : null;
    const usable = this.#view !== "map" || holdsPlaces(results);
    const yasr = new Answered(holder, {
      persistenceId: null,
      prefixes,
      defaultPlugin: usable ? this.#view : "table",
      pluginOrder: ["table", "pivot", "chart", "map", "response"],
      plugins: { table: { enabled: true, dynamicConfig: { compact: true } } },
    });
    yasr.parsed = results;
    yasr.on("change", () => (this.#view = yasr.getSelectedPluginName()));
    yasr.on("drawn", () => dressTable(yasr, t));
    yasr.setResponse({ data: received.text, contentType: received.type, status: 200 });
    this.#yasr = yasr;
    return yasr.results;
  }

  #downloads(query, received, parameters) {
    const { t, settings } = this.#page;
    const line = document.createElement("p");
    line.append(t("query.download"));
    const forms = received.type.includes("json") ? settings.tables : settings.graphs;
    const pinned = [...parameters.filter(([name]) => name !== "release"), ["release", received.release]];
    Object.entries(forms).forEach(([form, name], at) => {
      const link = document.createElement("a");
      link.textContent = name;
      link.href = `/sparql?${new URLSearchParams([...pinned, ["query", query], ["download", form]])}`;
      line.append(at ? ", " : " ", link);
    });
    return line;
  }

  /** Return the link and the code for the query, pinned to the release that answered it. */
  async #share(query, received, parameters) {
    const { t, settings } = this.#page;
    const pinned = [...parameters.filter(([name]) => name !== "release"), ["release", received.release]];
    const response = await send(settings.snippets, [...pinned, ["query", query]], 6000, undefined, "application/json");
    const shared = await response.json();
    const holder = element("details", { id: "share" });
    const link = element("input", { id: "link", className: "link", readOnly: true, value: shared.link });
    const label = element("label", { htmlFor: "link", textContent: t("share.link", { release: shared.release }) });
    const line = element("p");
    line.append(label, link);
    holder.append(element("summary", { textContent: t("share.title") }), line);
    for (const { name, code } of shared.snippets) {
      const snippet = element("details", { className: "snippet" });
      const text = element("pre", { tabIndex: 0 });
      text.append(element("code", { textContent: code }));
      snippet.append(element("summary", { textContent: name }), text);
      holder.append(snippet);
    }
    this.makeCopyable(holder);
    return holder;
  }

  /** Return a button that copies; where the page is not served safely, it selects the text instead. */
  #copyButton(holder, text) {
    const { t } = this.#page;
    const button = element("button", { type: "button", className: "button quiet copy", textContent: t("share.copy") });
    button.addEventListener("click", async () => {
      if (!navigator.clipboard) {
        getSelection().selectAllChildren(holder);
        if (holder.select) holder.select();
        return;
      }
      await navigator.clipboard.writeText(text());
      button.textContent = t("share.copied");
    });
    return button;
  }

  /**
   * Let the name of a thing of ours lead to its page here, in the release that was asked and in the
   * language of the address: as service/iris.py does. The table
   * takes the first click on a shortened cell for itself; one on a link is for the link.
   */
  #stayHere(event) {
    const link = event.target.closest?.("a[href]");
    if (link?.closest(".expandable")) event.stopPropagation();
    const base = link && this.#page.settings.bases.find((iri) => link.href.startsWith(iri) && link.href !== iri);
    if (!base) return;
    const name = link.href.slice(base.length);
    const page = /^(ontology|shapes)(#|$)/.test(name)
      ? name
      : `${name.replaceAll("?", "%3F").replaceAll("#", "%23")}.html`;
    const here = new URL(page, location.origin);
    if (here.origin !== location.origin) return;
    const asked = new FormData(document.getElementById("ask"));
    for (const kept of ["release", "lang"]) {
      if (asked.get(kept)) here.searchParams.set(kept, asked.get(kept));
    }
    link.href = here.href;
    link.target = "_self";
  }
}

/**
 * YASR with the parsed JSON as the server sent it: its own parser replaces {{name}} in literals by
 * the value of that variable, which shows a text that nobody wrote.
 */
class Answered extends window.Yasr {
  parsed = null;

  draw() {
    if (this.parsed && this.results) this.results.json = this.parsed;
    super.draw();
  }
}

/** Read a triple term (SPARQL 1.2) as the text of it: the table of YASR knows none, and stays empty. */
function withoutTripleTerms(_, read) {
  if (read?.type !== "triple") return read;
  const { subject, predicate, object } = read.value;
  return { type: "literal", value: `<<( ${[subject, predicate, object].map(written).join(" ")} )>>`, written: true };
}

function written(term) {
  if (term.written) return term.value;
  if (term.type === "uri") return `<${term.value}>`;
  if (term.type === "bnode") return `_:${term.value}`;
  const language = term["xml:lang"] ? `@${term["xml:lang"]}` : "";
  return JSON.stringify(term.value) + (term.datatype ? `^^<${term.datatype}>` : language);
}

function element(tag, properties = {}) {
  return Object.assign(document.createElement(tag), properties);
}
