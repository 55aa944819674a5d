// What htmx does not do.
import "./documents.js";
import "./feedback.js";
import "./files.js";
import "./layers.js";
import "./results.js";
import "./viewer.js";
