// Several names in one field, with commas between; a name that has one itself stands in quotation marks.

const NAME = /"([^"]*)"|“([^”]*)”|([^,，、]+)/g;

export const splitNames = (text) => [...text.matchAll(NAME)].map((found) => (found[1] ?? found[2] ?? found[3]).trim()).filter(Boolean);

export const joinNames = (names) => names.map((name) => (/[,，、]/.test(name) ? `"${name}"` : name)).join(",");
