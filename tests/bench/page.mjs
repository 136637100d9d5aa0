// docs/benchmarks.md: the tables of a run, what they were taken on, and how to read them.

import { existsSync, readFileSync, writeFileSync } from "node:fs";

const notes = new URL("notes.md", import.meta.url);

/** Writes the page. Rows that were not run stand as they stood there. */
export function writePage(path, machine, tables) {
  const present = existsSync(path) ? readFileSync(path, "utf8") : "";
  const rows = new Map([...rowsOf(present), ...rowsOf(tables)]);
  const inOrder = [...rows].sort(([a], [b]) => a.localeCompare(b, "en", { numeric: true }));
  writeFileSync(path, pageOf(machine, inOrder.map(([, text]) => text).join("\n\n")));
}

/** `[row, text]` of every row that a text has: `## P9, …` and what follows. */
function rowsOf(text) {
  const parts = text.split(/^(?=## )/m).map((part) => [/^## (P\d+\w*), /.exec(part)?.[1], part.trim()]);
  return parts.filter(([row]) => row !== undefined);
}

/** Between the machine and the tables stands notes.md, which people write. */
function pageOf(machine, tables) {
  return `# Benchmarks

Written by \`scripts/bench --write\`: the tables by the run, the notes by people in \`tests/bench/notes.md\`. Your
machine gives other figures; the ratios are what to look at.

${machine.map(([name, value]) => `- ${name}: ${value}`).join("\n")}

${readFileSync(notes, "utf8").trim()}

${tables}
`;
}
