//! One active challenge, one acceptance, one effect.
