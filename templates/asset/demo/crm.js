// The CRM's pages. What it took to add verification is in crm-verify.js; the rest is the CRM's own.
import "./crm-bank.js";
import "./crm-list.js";
import "./crm-menu.js";
import { listen } from "./crm-feed.js";
import { find, tellTimes } from "./crm-page.js";
import "./crm-verify.js";
import "./crm-guests.js";

// On a phone the tabs are wider than the screen.
const tab = find(".tabs [aria-current]");
tab.parentElement.scrollLeft = tab.offsetLeft - tab.parentElement.offsetLeft - 16;
tellTimes();
listen();
