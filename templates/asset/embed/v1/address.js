// Owns the part that a page loads for the window's address alone.

import { windowUrl } from "./seat.js";

export { windowUrl };
