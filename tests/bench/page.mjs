// docs/benchmarks.md: the tables of a run, what they were taken on, and how to read them.

import { readFileSync } from "node:fs";

const notes = new URL("notes.md", import.meta.url);

/** The text of the page. Between the machine and the tables stands notes.md, which people write. */
export function pageOf(machine, tables) {
  return `# Benchmarks

Written by \`scripts/bench --write\`: the tables by the run, the notes by people in \`tests/bench/notes.md\`. Your machine gives
other figures; the ratios are what to look at.

${machine.map(([name, value]) => `- ${name}: ${value}`).join("\n")}

${readFileSync(notes, "utf8").trim()}

${tables}
`;
}
