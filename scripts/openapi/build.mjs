// Writes the page that is served at /v3/docs: build/openapi/docs.html.

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { ROOT, readDocument } from "./document.mjs";
import { renderPage } from "./page.mjs";

const folder = join(ROOT, "build/openapi");
const style = readFileSync(join(dirname(fileURLToPath(import.meta.url)), "page.css"), "utf8");
mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, "docs.html"), renderPage(readDocument(), style));
