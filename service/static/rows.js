// What the views of an answer share: its columns, its values, and rows put together in groups.

const XSD = "http://www.w3.org/2001/XMLSchema#";
const NUMERIC = new Set(
  ["integer", "decimal", "double", "float", "int", "long", "short", "byte", "nonNegativeInteger", "positiveInteger",
    "nonPositiveInteger", "negativeInteger", "unsignedInt", "unsignedLong", "unsignedShort", "unsignedByte"]
    .map((name) => XSD + name),
);
export const AGGREGATES = ["sum", "mean", "min", "max"];

/** The rows of an answer that YASR has parsed. */
export class Rows {
  constructor(parsed, { prefixes, t, settings }) {
    this.columns = parsed.getVariables();
    this.rows = parsed.getBindings() ?? [];
    this.prefixes = Object.entries(prefixes);
    this.empty = t("view.empty");
    this.collator = new Intl.Collator(settings.language, { numeric: true });
    this.language = settings.language;
    this.combined = 0; // how many of the numbers that were computed put rows together
  }

  /** Return the notes that say how many numbers put several rows together since it was last asked. */
  combinedNotes(t) {
    const n = this.combined;
    this.combined = 0;
    return n ? [note(t("view.combined", { n: this.number(n) }))] : [];
  }

  /** The columns whose values are all numbers, by their datatypes. */
  get numeric() {
    return this.columns.filter((column) => {
      const terms = this.rows.map((row) => row[column]).filter(Boolean);
      return terms.length > 0 && terms.every((term) => NUMERIC.has(term.datatype));
    });
  }

  /** Return the value of a row as it is shown: an IRI under a prefix where there is one. */
  text(row, column) {
    const term = row[column];
    if (!term) return this.empty;
    if (term.type !== "uri") return term.value;
    const found = this.prefixes.find(([, iri]) => term.value.startsWith(iri) && term.value.length > iri.length);
    return found ? `${found[0]}:${term.value.slice(found[1].length)}` : term.value;
  }

  number(value) {
    return value.toLocaleString(this.language, { maximumFractionDigits: 3 });
  }

  sorted(texts) {
    return [...texts].sort(this.collator.compare);
  }

  /** Return a column to begin with: the first that has texts and more than one of them. */
  firstCategory() {
    const { numeric } = this;
    const texts = this.columns.filter((column) => !numeric.includes(column));
    const varied = texts.find((column) => new Set(this.rows.map((row) => this.text(row, column))).size > 1);
    return varied ?? texts[0] ?? this.columns[0];
  }

  /**
   * Return a map from the text of `key(row)` to an aggregate of `measure.column`; without a column
   * it is the number of rows. Rows without a key are left out, and those without a number too.
   */
  grouped(rows, key, measure) {
    const groups = new Map();
    for (const row of rows) {
      const name = key(row);
      if (name === null) continue;
      if (!groups.has(name)) groups.set(name, []);
      groups.get(name).push(row);
    }
    if (measure.column) {
      this.combined += [...groups.values()].filter((members) => members.filter((row) => row[measure.column]).length > 1).length;
    }
    const entries = [...groups].map(([name, members]) => [name, this.aggregate(members, measure)]);
    return new Map(entries.filter(([, value]) => value !== null));
  }

  /** Return one number for some rows, null where they hold none. */
  aggregate(rows, { column, how }) {
    if (!column) return rows.length;
    const numbers = rows.filter((row) => row[column]).map((row) => Number(row[column].value));
    if (!numbers.length) return null;
    if (how === "min") return numbers.reduce((a, b) => Math.min(a, b));
    if (how === "max") return numbers.reduce((a, b) => Math.max(a, b));
    const sum = numbers.reduce((a, b) => a + b, 0);
    return how === "mean" ? sum / numbers.length : sum;
  }
}

/** Return a labelled select, which calls `changed` with its value. */
export function select(label, options, value, changed) {
  const holder = document.createElement("label");
  const field = document.createElement("select");
  for (const [key, text] of options) field.add(new Option(text, key, false, key === value));
  field.addEventListener("change", () => changed(field.value));
  holder.append(label, field);
  return holder;
}

/** Return the two selects for what is counted or computed. */
export function measureSelects(t, numeric, measure, changed) {
  const columns = [["", t("view.number-of-rows")], ...numeric.map((column) => [column, `?${column}`])];
  const value = select(t("view.values"), columns, measure.column, (column) => changed({ ...measure, column }));
  if (!measure.column) return [value];
  const ways = AGGREGATES.map((way) => [way, t(`view.${way}`)]);
  return [value, select(t("view.how"), ways, measure.how, (how) => changed({ ...measure, how }))];
}

/** Return a paragraph for those who read the page. */
export function note(text) {
  const line = document.createElement("p");
  line.className = "note";
  line.textContent = text;
  return line;
}
