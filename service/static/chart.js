// A chart of an answer, drawn by Chart.js, which is fetched when the first one is asked for.
// The colours are those of Okabe and Ito, told apart in every kind of colour blindness.

import { Rows, measureSelects, note, select } from "./rows.js";
import { fetched } from "./fetched.js";

const COLOURS = ["#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#f0e442", "#000000"];
const POINTS = ["circle", "rect", "triangle", "rectRot", "cross", "star", "crossRot", "dash"];
const MOST_CATEGORIES = 80;

/** Return the view as a plugin class of YASR. */
export function makeChart({ t, prefixes, settings }) {
  return class ChartView {
    label = t("view.chart");
    priority = 2;
    #choice = { category: null, series: "", kind: "bar", column: null, how: "sum" };
    #chart = null;

    constructor(yasr) {
      this.yasr = yasr;
    }

    canHandleResults() {
      return (this.yasr.results?.getVariables() ?? []).length > 0;
    }

    getIcon() {}

    initialize() {
      return fetched(settings.files["chart.umd.min.js"]);
    }

    draw() {
      this.rows = new Rows(this.yasr.results, { prefixes, t, settings });
      this.#choice.category ??= this.rows.firstCategory();
      this.#choice.column ??= this.rows.numeric.find((column) => column !== this.#choice.category) ?? "";
      const holder = document.createElement("div");
      holder.className = "view chart";
      this.yasr.resultsEl.replaceChildren(holder);
      this.#redraw(holder);
    }

    destroy() {
      this.#chart?.destroy();
      this.#chart = null;
    }

    #redraw(holder) {
      this.destroy();
      const { rows } = this;
      const choice = this.#choice;
      const change = (changed) => {
        Object.assign(choice, changed);
        this.#redraw(holder);
        this.yasr.updateExportHeaders();
      };
      const options = rows.columns.map((column) => [column, `?${column}`]);
      const kinds = [["bar", t("view.bars")], ["line", t("view.line")]];
      const controls = document.createElement("p");
      controls.className = "controls";
      controls.append(
        select(t("view.kind"), kinds, choice.kind, (kind) => change({ kind })),
        select(t("view.rows"), options, choice.category, (category) => change({ category })),
        select(t("view.series"), [["", t("view.none")], ...options], choice.series, (series) => change({ series })),
        ...measureSelects(t, rows.numeric, choice, change),
      );
      holder.replaceChildren(controls, this.#picture(), ...rows.combinedNotes(t));
    }

    #picture() {
      const { rows } = this;
      const { category, series } = this.#choice;
      const key = (row) => rows.text(row, category);
      const categories = rows.sorted(new Set(rows.rows.map(key)));
      const names = series ? rows.sorted(new Set(rows.rows.map((row) => rows.text(row, series)))) : [null];
      if (!categories.length) return note(t("view.no-rows"));
      if (categories.length > MOST_CATEGORIES || names.length > COLOURS.length) {
        const many = categories.length > MOST_CATEGORIES ? [category, categories.length] : [series, names.length];
        return note(t("view.too-many", { column: `?${many[0]}`, n: rows.number(many[1]) }));
      }
      const sets = names.map((name, at) => {
        const members = name === null ? rows.rows : rows.rows.filter((row) => rows.text(row, series) === name);
        const values = rows.grouped(members, key, this.#choice);
        return this.#set(name, categories.map((c) => values.get(c) ?? null), at);
      });
      return this.#canvas(categories, sets);
    }

    #set(name, data, at) {
      const colour = COLOURS[at];
      return {
        label: name ?? this.#measure(),
        data,
        backgroundColor: colour,
        borderColor: colour,
        borderWidth: 2,
        pointStyle: POINTS[at],
        pointRadius: 5,
        borderDash: at % 2 ? [6, 3] : [],
      };
    }

    #measure() {
      const { column, how } = this.#choice;
      return column ? `${t(`view.${how}`)} ?${column}` : t("view.number-of-rows");
    }

    #canvas(categories, datasets) {
      const canvas = document.createElement("canvas");
      canvas.setAttribute("role", "img");
      const values = datasets.length === 1
        ? categories.map((name, at) => `${name}: ${datasets[0].data[at] ?? t("view.empty")}`).join("; ")
        : datasets.map((set) => set.label).join(", ");
      canvas.setAttribute("aria-label", `${t("view.picture", { x: this.#choice.category, y: this.#measure() })} ${values}`);
      const frame = document.createElement("div");
      frame.className = "frame";
      frame.append(canvas);
      requestAnimationFrame(() => {
        if (!canvas.isConnected) return;
        const style = getComputedStyle(document.body);
        this.#chart = new window.Chart(canvas, {
          type: this.#choice.kind,
          data: { labels: categories, datasets },
          options: {
            animation: false,
            responsive: true,
            maintainAspectRatio: false,
            locale: settings.language,
            color: style.color,
            scales: {
              x: { ticks: { color: style.color }, title: { display: true, text: `?${this.#choice.category}`, color: style.color } },
              y: { beginAtZero: true, ticks: { color: style.color }, title: { display: true, text: this.#measure(), color: style.color } },
            },
            plugins: { legend: { display: datasets.length > 1, labels: { usePointStyle: true, color: style.color } } },
          },
        });
      });
      return frame;
    }

    download() {
      return {
        getData: () => this.#chart.toBase64Image(),
        contentType: "image/png",
        title: t("view.chart"),
        filename: "vises-chart.png",
      };
    }
  };
}
