// What htmx does not do.
import "./documents.js";
import "./files.js";
import "./results.js";
import "./viewer.js";
