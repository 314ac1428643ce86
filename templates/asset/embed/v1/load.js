// Owns the loading of parts that are not needed at once.

const parts = new Map();
let failures = 0;

/** A part, loaded when it is first asked for. Browsers may remember an address that failed: the next try has another. */
export function load(name) {
  if (!parts.has(name)) {
    parts.set(name, import(`./${name}.js${failures ? `?${failures}` : ""}`).catch((why) => {
      parts.delete(name);
      failures += 1;
      throw why;
    }));
  }
  return parts.get(name);
}
