// The geometries of an answer (GeoSPARQL 1.1, sections 8.5.1 and 8.5.3), drawn by Leaflet without a ground.

import { fetched } from "./fetched.js";
import { note } from "./rows.js";

const GEO = "http://www.opengis.net/ont/geosparql#";
const MOST_SHAPES = 5000;

/** Return the first column with WKT or GeoJSON literals, undefined without one. */
export function geometryColumn(rows) {
  for (const row of rows) {
    const found = Object.keys(row).find((column) => isGeometry(row[column]));
    if (found) return found;
  }
  return undefined;
}

function isGeometry(term) {
  return term.datatype === `${GEO}wktLiteral` || term.datatype === `${GEO}geoJSONLiteral`;
}

/** Draw the shapes of a column; the other values of its row open with a shape. */
export async function drawShapes(holder, rows, column, { t, settings }) {
  await Promise.all([fetched(settings.files["leaflet.js"]), fetched(settings.files["leaflet.css"])]);
  const { wktToGeoJSON } = await import(settings.files["wkt.esm.js"]);
  const { L } = window;
  const ground = document.createElement("div");
  ground.className = "ground";
  holder.append(ground);
  const map = L.map(ground, { attributionControl: false, preferCanvas: true });
  const layer = L.featureGroup().addTo(map);
  let unread = 0;
  const placed = rows.rows.filter((row) => row[column]);
  for (const row of placed.slice(0, MOST_SHAPES)) {
    const geometry = read(row[column], wktToGeoJSON);
    if (!geometry) unread += 1;
    else L.geoJSON(geometry, { pointToLayer: (_, at) => L.circleMarker(at, { radius: 6 }) }).bindPopup(() => facts(rows, row, column)).addTo(layer);
  }
  const bounds = layer.getBounds();
  if (bounds.isValid()) map.fitBounds(bounds, { maxZoom: 12, padding: [20, 20] });
  const n = (number) => rows.number(number);
  holder.append(note(t("view.geometry-note", { n: n(Math.min(placed.length, MOST_SHAPES) - unread), of: n(placed.length) })));
  if (unread) holder.append(note(t("view.unread", { n: n(unread) })));
}

/** Return the geometry of a literal, null where it cannot be read or is in another reference system. */
function read(term, wktToGeoJSON) {
  try {
    if (term.datatype === `${GEO}geoJSONLiteral`) return JSON.parse(term.value);
    const [, system, text] = /^\s*(?:<([^>]*)>)?\s*([^]*)$/.exec(term.value);
    if (system && !/CRS84$/.test(system)) return null;
    return wktToGeoJSON(text);
  } catch {
    return null; // counted and said by the caller
  }
}

function facts(rows, row, geometry) {
  const list = document.createElement("dl");
  for (const column of rows.columns.filter((c) => c !== geometry)) {
    const name = document.createElement("dt");
    name.textContent = `?${column}`;
    const value = document.createElement("dd");
    value.textContent = rows.text(row, column);
    list.append(name, value);
  }
  return list;
}
