// A map of an answer: the regions of its codes as equal tiles, or the shapes of its geometries.
// No tile server is called: the ground of the shapes is empty.

import { drawShapes, geometryColumn } from "./shapes.js";
import { Rows, measureSelects, note, select } from "./rows.js";
import { codesOf, levelOf, placeOf } from "./regions.js";

const SIZE = 10; // of a tile, in units of the drawing
const SHADES = 5;
const SVG = "http://www.w3.org/2000/svg";

/** Return whether parsed results have something to put on a map. */
export function holdsPlaces(results) {
  if (!results?.results) return false;
  const { bindings } = results.results;
  return Boolean(geometryColumn(bindings) ?? regionColumns(results.head.vars, bindings)[0]);
}

/** Return the code of a region that a term is, as a text or as the end of an IRI, else null. */
function codeOf(term) {
  const code = term?.type === "uri" ? term.value.slice(term.value.search(/[^/#]*$/)) : term?.value;
  return code && levelOf(code) !== null ? code : null;
}

function regionColumns(columns, rows) {
  return columns.filter((column) => rows.some((row) => codeOf(row[column])));
}

/** Return the view as a plugin class of YASR. */
export function makeMap(page) {
  const { t, settings } = page;
  return class MapView {
    label = t("view.map");
    priority = 1;
    #choice = { place: null, level: null, column: null, how: "sum" };

    constructor(yasr) {
      this.yasr = yasr;
    }

    canHandleResults() {
      const parsed = this.yasr.results;
      const columns = parsed?.getVariables() ?? [];
      const rows = parsed?.getBindings() ?? [];
      return Boolean(geometryColumn(rows) ?? regionColumns(columns, rows)[0]);
    }

    getIcon() {}

    async draw() {
      this.rows = new Rows(this.yasr.results, page);
      const holder = document.createElement("div");
      holder.className = "view map";
      this.yasr.resultsEl.replaceChildren(holder);
      const geometry = geometryColumn(this.rows.rows);
      if (geometry) await drawShapes(holder, this.rows, geometry, page);
      else this.#redraw(holder);
    }

    #redraw(holder) {
      const { rows } = this;
      const choice = this.#choice;
      const change = (changed) => {
        Object.assign(choice, changed);
        this.#redraw(holder);
      };
      const columns = regionColumns(rows.columns, rows.rows);
      choice.place ??= columns[0];
      choice.column ??= rows.numeric[0] ?? "";
      const counts = new Map();
      for (const row of rows.rows) {
        const level = levelOf(codeOf(row[choice.place]) ?? "");
        if (level !== null) counts.set(level, (counts.get(level) ?? 0) + 1);
      }
      if (!counts.has(choice.level)) [choice.level] = [...counts].sort((a, b) => b[1] - a[1])[0];
      const levels = [...counts].sort().map(([level, n]) => [String(level), `NUTS ${level} (${n})`]);
      const controls = document.createElement("p");
      controls.className = "controls";
      controls.append(
        select(t("view.region"), columns.map((c) => [c, `?${c}`]), choice.place, (place) => change({ place })),
        select(t("view.level"), levels, String(choice.level), (level) => change({ level: Number(level) })),
        ...measureSelects(t, rows.numeric, choice, change),
      );
      holder.replaceChildren(controls, ...this.#map());
    }

    #map() {
      const { rows } = this;
      const { place, level } = this.#choice;
      const here = rows.rows.filter((row) => levelOf(codeOf(row[place]) ?? "") === level);
      const values = rows.grouped(here, (row) => codeOf(row[place]), this.#choice);
      const placed = new Map([...values].filter(([code]) => placeOf(code)));
      const missing = [...values.keys()].filter((code) => !placeOf(code));
      const parts = [drawing(level, placed, rows, t), note(t("view.schematic")), ...rows.combinedNotes(t)];
      if (missing.length) parts.push(note(t("view.not-placed", { codes: rows.sorted(missing).join(", ") })));
      const others = rows.rows.length - here.length;
      if (others) parts.push(note(t("view.other-levels", { n: rows.number(others) })));
      return parts;
    }
  };
}

/** Return the tiles of a level as SVG: shaded by their values, each with its code and its number. */
function drawing(level, values, rows, t) {
  const codes = new Set([...codesOf(level), ...values.keys()]);
  const places = [...codes].map((code) => ({ code, ...placeOf(code) }));
  const shown = places.filter(({ code, x, y }) =>
    values.has(code) || !places.some((other) => other.x === x && other.y === y && values.has(other.code)));
  const width = Math.max(...shown.map((p) => p.x)) + 1;
  const height = Math.max(...shown.map((p) => p.y)) + 1;
  const svg = made("svg", { viewBox: `0 0 ${width * SIZE} ${height * SIZE}`, class: "tiles", role: "group", "aria-label": t("view.map") });
  const numbers = [...values.values()];
  const [least, most] = [Math.min(...numbers), Math.max(...numbers)];
  for (const { code, x, y } of shown) svg.append(tile(code, x, y, values.get(code)));
  return svg;

  function tile(code, x, y, value) {
    const shade = value === undefined ? "none" : Math.min(SHADES - 1, Math.floor((SHADES * (value - least)) / (most - least || 1)));
    const text = value === undefined ? code : `${code}: ${rows.number(value)}`;
    const group = made("g", { class: `tile shade-${shade}`, transform: `translate(${x * SIZE} ${y * SIZE})`, role: "img", "aria-label": text });
    group.append(made("title", {}, text), made("rect", { x: 0.3, y: 0.3, width: SIZE - 0.6, height: SIZE - 0.6, rx: 0.8 }));
    group.append(made("text", { x: SIZE / 2, y: 4.4, class: "name" }, code));
    if (value !== undefined) {
      group.append(made("text", { x: SIZE / 2, y: 7.6, class: "value" }, short(value, rows.language)));
    }
    return group;
  }
}

/** Return a number that fits into a tile; its whole value is in the title of the tile. */
function short(value, language) {
  return value.toLocaleString(language, { notation: "compact", maximumSignificantDigits: 3 });
}

function made(tag, attributes, text) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  if (text !== undefined) element.textContent = text;
  return element;
}
