// Owns the tenant's colour: used as an accent only, and only where it can be told from the window's ground.

const linear = (byte) => (byte /= 255) <= 0.04045 ? byte / 12.92 : ((byte + 0.055) / 1.055) ** 2.4;

function luminance(hex) {
  const [red, green, blue] = [1, 3, 5].map((at) => linear(parseInt(hex.slice(at, at + 2), 16)));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

const contrast = (one, other) => (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);

/** Sets the accent for each ground, light and dark, on which it can be read; the style's own serves on the other. */
export function applyAccent({ style }, color) {
  for (const [name, ground] of [["light", "#ffffff"], ["dark", "#0d1117"]]) {
    style.removeProperty(`--on-${name}`);
    style.removeProperty(`--in-${name}`);
    if (!/^#[0-9a-f]{6}$/i.test(color ?? "")) continue;
    const accent = luminance(color);
    if (contrast(accent, luminance(ground)) < 3) continue;
    style.setProperty(`--on-${name}`, color);
    style.setProperty(`--in-${name}`, contrast(accent, 1) >= 4.5 ? "#ffffff" : "#000000");
  }
}
