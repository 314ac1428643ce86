// Owns how time passes for a status that is shown. Keeps nothing.

export const instant = () => ({ wall: Date.now(), steady: performance.now() });

/** Time passed since `start`. Of two clocks the one that ran further counts: one stops while a laptop sleeps, one can be set. */
export const passed = (start) => Math.max(Date.now() - start.wall, performance.now() - start.steady);
