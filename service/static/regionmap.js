// The shapes of regions on a page of their own: fetched from this service, drawn on an empty ground.

import { drawShapes } from "./shapes.js";
import { Rows } from "./rows.js";

const holder = document.getElementById("shapes");
const settings = JSON.parse(holder.dataset.settings);
const t = (key, values = {}) =>
  Object.entries(values).reduce((text, [name, value]) => text.replaceAll(`{${name}}`, value), settings.texts[key]);
const page = { t, settings, prefixes: {} };
const answer = await fetch(holder.dataset.rows);
if (answer.ok) {
  const parsed = await answer.json();
  const rows = new Rows({ getVariables: () => parsed.head.vars, getBindings: () => parsed.results.bindings }, page);
  await drawShapes(holder, rows, "shape", page);
}
