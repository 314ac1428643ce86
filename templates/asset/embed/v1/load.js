// Owns the loading of parts that are not needed at once.

const parts = {};
let failures = 0;

/** A part, loaded when it is first asked for. Browsers may remember an address that failed: the next try has another. */
export function load(name) {
  return parts[name] ??= import(`./${name}.js${failures ? `?${failures}` : ""}`).catch((why) => {
    parts[name] = null;
    failures += 1;
    throw why;
  });
}
