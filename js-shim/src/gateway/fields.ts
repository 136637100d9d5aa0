/** The fields of a message: `Headers`, or pairs of a name and a value. */
export type Fields = Iterable<readonly [string, string]>;

/** Makes the edits of a text as `wasm/ABI.md` has them: `-name`, `=name: value`, `+name: value`, one a line. */
export function applyEdits(headers: Headers, edits: string): void {
  for (let at = 0, end = edits.indexOf("\n"); end >= 0; at = end + 1, end = edits.indexOf("\n", at)) {
    const colon = edits.indexOf(":", at);
    if (edits[at] === "-") headers.delete(edits.slice(at + 1, end));
    else if (edits[at] === "=") headers.set(edits.slice(at + 1, colon), edits.slice(colon + 2, end));
    else headers.append(edits.slice(at + 1, colon), edits.slice(colon + 2, end));
  }
}

/** Adds lines `Name: value\n`, which is how a gate tells of quotas; never overwrites. */
export function appendLines(headers: Headers, lines: string): void {
  for (const line of lines.split("\n")) {
    const colon = line.indexOf(":");
    if (colon > 0) headers.append(line.slice(0, colon), line.slice(colon + 1).trim());
  }
}

/** Lines `name: value\n`; without the values that are not asked for, so that the same come again. */
export function linesOf(fields: Fields, isAsked = (_name: string): boolean => true): string {
  let lines = "";
  for (const [name, value] of fields) lines += isAsked(name) ? `${name}: ${value}\n` : `${name}:\n`;
  return lines;
}
