// Owns what a status says on one surface of the CRM, and when what it says is over. The service decides what counts where.

/** The status as it stands on a surface: that surface's own, where it has one. */
export function stands(status, surface) {
  const here = status?.surfaces?.[surface];
  if (!here) return status;
  const { agent, contact, challenge, verified_at, expires_at, seconds_left, lapsed, ...rest } = status;
  return { ...rest, ...here };
}

/** The seconds after which something of it is over. */
export const ends = (status) => [status, ...Object.values(status.surfaces ?? {})].flatMap(({ seconds_left: left }) => left ?? []);

/** The same after so many milliseconds: a verification whose time is over, as far as can be told without the service, is none. */
export function aged(status, ms) {
  const at = (one) => (one.state === "verified" && ms >= one.seconds_left * 1e3 ? { ...one, state: "not_verified", lapsed: true } : one);
  if (!status.surfaces) return at(status);
  return { ...at(status), surfaces: Object.fromEntries(Object.entries(status.surfaces).map(([name, one]) => [name, at(one)])) };
}
