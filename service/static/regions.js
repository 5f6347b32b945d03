// Where the regions of France and Belgium are in a schematic map of equal tiles, by NUTS level.
// One line is one row of tiles, from north to south; a dot is a place without a region.

const LAYOUTS = {
  1: `
    .   .   .   .   BE2 .
    .   .   .   .   BE1 .
    .   .   FRE .   BE3 .
    .   FRD FR1 FRF .   .
    FRH FRG FRB FRC .   .
    .   FRI .   FRK .   .
    .   .   FRJ FRL .   .
    FRY .   .   .   FRM .
  `,
  2: `
    .    .    .    .    BE25 BE23 BE21 BE22
    .    .    .    .    .    BE10 BE24 .
    .    .    .    FRE1 BE32 BE31 BE33 .
    .    .    FRD2 FRE2 .    BE35 BE34 .
    FRH0 FRD1 FR10 FRF2 FRF3 FRF1 .    .
    .    FRG0 FRB0 FRC1 FRC2 .    .    .
    .    FRI3 FRI2 FRK1 FRK2 .    .    .
    .    FRI1 FRJ2 FRJ1 FRL0 .    .    .
    FRY1 FRY2 FRY3 FRY4 FRY5 .    FRM0 .
  `,
  3: `
    .     .     BE258 BE255 BE251 BE233 BE236 BE211 BE213 BE225
    .     .     BE252 BE256 BE257 BE234 BE232 BE212 BE224 BE223
    FRE12 FRE11 BE253 BE254 BE235 BE231 BE100 BE242 BE334 BE332
    FRE23 BE328 BE32A BE32C BE241 BE310 BE352 BE331 BE335 BE336
    FRE22 FRE21 BE323 BE329 BE32B BE32D BE351 BE353 BE343 BE342
    .     .     .     .     .     .     .     BE344 BE345 BE341
  `,
};

/** The same places under the codes of NUTS 2013 and 2010. */
const EARLIER = {
  FR3: "FRE", FR30: "FRE1", FR22: "FRE2", FR301: "FRE11", FR302: "FRE12", FR221: "FRE21", FR222: "FRE22", FR223: "FRE23",
};

const places = new Map();
for (const [level, layout] of Object.entries(LAYOUTS)) {
  layout.trim().split("\n").forEach((line, y) => {
    line.trim().split(/\s+/).forEach((code, x) => {
      if (code !== ".") places.set(code, { level: Number(level), x, y });
    });
  });
}
for (const [earlier, code] of Object.entries(EARLIER)) places.set(earlier, { ...places.get(code), earlier: true });

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
