// Owns how time passes for a status that is shown. Keeps nothing.

export const instant = () => ({ wall: Date.now(), steady: performance.now() });

/** Time passed since `start`. Of two clocks the one that ran further counts: one stops while a laptop sleeps, one can be set. */
export const passed = (start) => Math.max(Date.now() - start.wall, performance.now() - start.steady);

/** A verification whose time is over, as far as can be told without the service. */
export const lapsed = (status) => ({ ...status, state: "not_verified", lapsed: true });

/** Whether a verification, given to a question asked at `start`, is over. */
export const over = (start, { state, seconds_left: left }) => state === "verified" && passed(start) >= left * 1e3;
