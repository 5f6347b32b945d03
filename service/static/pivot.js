// A cross table of an answer: one column down, one across, and a count or a number in each cell.

import { Rows, measureSelects, note, select } from "./rows.js";

const MOST_ACROSS = 60;
const MOST_DOWN = 2000;

/** Return the view as a plugin class of YASR. */
export function makePivot({ t, prefixes, settings }) {
  return class Pivot {
    label = t("view.pivot");
    priority = 3;
    #choice = { down: null, across: "", column: "", how: "sum" };
    #lines = [];

    constructor(yasr) {
      this.yasr = yasr;
    }

    canHandleResults() {
      return (this.yasr.results?.getVariables() ?? []).length > 0;
    }

    getIcon() {}

    draw() {
      this.rows = new Rows(this.yasr.results, { prefixes, t, settings });
      this.#choice.down ??= this.rows.firstCategory();
      const holder = document.createElement("div");
      holder.className = "view pivot";
      this.yasr.resultsEl.replaceChildren(holder);
      this.#redraw(holder);
    }

    #redraw(holder) {
      const { rows } = this;
      const choice = this.#choice;
      const change = (changed) => {
        Object.assign(choice, changed);
        this.#redraw(holder);
      };
      const options = rows.columns.map((column) => [column, `?${column}`]);
      const controls = document.createElement("p");
      controls.className = "controls";
      controls.append(
        select(t("view.rows"), options, choice.down, (down) => change({ down })),
        select(t("view.columns"), [["", t("view.none")], ...options], choice.across, (across) => change({ across })),
        ...measureSelects(t, rows.numeric, choice, change),
      );
      holder.replaceChildren(controls, ...this.#table());
    }

    #table() {
      const { rows } = this;
      const { down, across } = this.#choice;
      const lines = new Map();
      const heads = new Set();
      for (const row of rows.rows) {
        const name = rows.text(row, down);
        if (!lines.has(name)) lines.set(name, []);
        lines.get(name).push(row);
        if (across) heads.add(rows.text(row, across));
      }
      this.#lines = [];
      if (!lines.size) return [note(t("view.no-rows"))];
      if (heads.size > MOST_ACROSS || lines.size > MOST_DOWN) {
        const [column, n] = heads.size > MOST_ACROSS ? [across, heads.size] : [down, lines.size];
        return [note(t("view.too-many", { column: `?${column}`, n: rows.number(n) }))];
      }
      const columns = rows.sorted(heads);
      const all = t("view.total");
      this.#lines.push([`?${down}`, ...columns, all]);
      for (const name of rows.sorted(lines.keys())) {
        this.#lines.push([name, ...this.#cells(lines.get(name), columns)]);
      }
      this.#lines.push([all, ...this.#cells(rows.rows, columns)]);
      return [this.#drawn(), ...rows.combinedNotes(t)];
    }

    /** Return the numbers of one line, the last for all of its rows. */
    #cells(members, columns) {
      const { across } = this.#choice;
      const { rows } = this;
      const groups = rows.grouped(members, (row) => (across ? rows.text(row, across) : ""), this.#choice);
      return [...columns.map((column) => groups.get(column) ?? null), rows.aggregate(members, this.#choice)];
    }

    #drawn() {
      const table = document.createElement("table");
      const [head, ...lines] = this.#lines;
      const header = table.createTHead().insertRow();
      for (const text of head) header.append(cell("th", text, "col"));
      const body = table.createTBody();
      for (const [name, ...numbers] of lines) {
        const row = body.insertRow();
        row.append(cell("th", name, "row"));
        for (const number of numbers) {
          row.append(cell("td", number === null ? "" : this.rows.number(number)));
        }
      }
      body.lastElementChild.className = "total";
      const scroll = document.createElement("div");
      scroll.className = "scroll";
      scroll.tabIndex = 0;
      scroll.append(table);
      return scroll;
    }

    download() {
      const quoted = (value) => `"${String(value ?? "").replaceAll('"', '""')}"`;
      return {
        getData: () => this.#lines.map((line) => line.map(quoted).join(",")).join("\r\n"),
        contentType: "text/csv",
        title: t("view.pivot"),
        filename: "vises-pivot.csv",
      };
    }
  };
}

function cell(tag, text, scope) {
  const made = document.createElement(tag);
  made.textContent = text;
  if (scope) made.scope = scope;
  if (tag === "td") made.className = "numeric";
  return made;
}
