// Owns the lines that the button and the window share, on a grid of 16 by 16.

export const CLOCK = "M14.5 8a6.5 6.5 0 1 1-13 0 6.5 6.5 0 0 1 13 0M8 4.2V8l2.6 1.7";
export const LOCK = "M4.5 7h7A1.5 1.5 0 0 1 13 8.5v4a1.5 1.5 0 0 1-1.5 1.5h-7A1.5 1.5 0 0 1 3 12.5v-4A1.5 1.5 0 0 1 4.5 7M5.2 7V4.8a2.8 2.8 0 0 1 5.6 0V7";
export const PERSON = "M10.8 5a2.8 2.8 0 1 1-5.6 0 2.8 2.8 0 0 1 5.6 0M2.5 14c.4-3 2.6-4.6 5.5-4.6s5.1 1.6 5.5 4.6";
export const SHIELD = "M8 1.3 2.5 3.2v4.3c0 3.4 2.2 5.9 5.5 7.2 3.3-1.3 5.5-3.8 5.5-7.2V3.2z";
export const CHECKED = `${SHIELD}M5.3 8l2 2 3.5-3.9`;
export const WARNING = "M8 1.8 1.3 13.7h13.4zM8 6.3v3.4M8 11.8v.01";
