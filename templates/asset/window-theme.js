// Owns the tenant's colour: used as an accent only, and only where it can be told from the page.

const dark = matchMedia("(prefers-color-scheme: dark)");

const linear = (byte) => (byte /= 255) <= 0.04045 ? byte / 12.92 : ((byte + 0.055) / 1.055) ** 2.4;

function luminance(hex) {
  const [red, green, blue] = [1, 3, 5].map((at) => linear(parseInt(hex.slice(at, at + 2), 16)));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

const contrast = (one, other) => (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);

export function applyAccent(color) {
  const style = document.documentElement.style;
  const draw = () => {
    style.removeProperty("--accent");
    style.removeProperty("--on-accent");
    if (!/^#[0-9a-f]{6}$/i.test(color ?? "")) return;
    const accent = luminance(color);
    const page = luminance(dark.matches ? "#0d1117" : "#ffffff");
    if (contrast(accent, page) < 3) return;
    style.setProperty("--accent", color);
    style.setProperty("--on-accent", contrast(accent, 1) >= 4.5 ? "#ffffff" : "#000000");
  };
  draw();
  dark.onchange = draw;
}
