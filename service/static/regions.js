// Where the regions of France and Belgium are in a schematic map of equal tiles, by NUTS level.
// The rows are in nuts.json, which the pages of the server draw from too: one line is one row of
// tiles, from north to south; a dot is a place without a region.

import layout from "./nuts.json" with { type: "json" };

const places = new Map();
for (const [level, rows] of Object.entries(layout.rows)) {
  rows.forEach((row, y) => {
    row.split(" ").forEach((code, x) => {
      if (code !== ".") places.set(code, { level: Number(level), x, y });
    });
  });
}
// The same places under the codes of NUTS 2013 and 2010.
for (const [earlier, code] of Object.entries(layout.earlier)) places.set(earlier, { ...places.get(code), earlier: true });

/** Return the level of a code, null where it is none of NUTS in France or Belgium. */
export function levelOf(code) {
  return /^(FR|BE)[0-9A-Z]{1,3}$/.test(code) ? code.length - 2 : null;
}

/** Return {level, x, y} for a code, undefined where the map has no place for it. */
export function placeOf(code) {
  return places.get(code);
}

/** Return the codes of a level in today's NUTS. */
export function codesOf(level) {
  return [...places].filter(([, place]) => place.level === level && !place.earlier).map(([code]) => code);
}
