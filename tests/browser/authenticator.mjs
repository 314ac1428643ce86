// A user's authenticator app, as far as a test needs one.

import { createHmac } from "node:crypto";

/** What an authenticator app shows for a key, so many steps of thirty seconds from now (RFC 6238). */
export function shows(key, steps = 0) {
  const bits = [...key.replace(/\s/g, "")].map((letter) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(letter).toString(2).padStart(5, "0")).join("");
  const secret = Buffer.from(bits.match(/.{8}/g).map((byte) => Number.parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30e3) + steps));
  const mac = createHmac("sha1", secret).update(counter).digest();
  const at = mac.at(-1) & 15;
  return String((mac.readUInt32BE(at) & 0x7fffffff) % 1e6).padStart(6, "0");
}
