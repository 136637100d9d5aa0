/** Makes the edits of a text as `wasm/ABI.md` has them: `-name`, `=name: value`, `+name: value`, one a line. */
export function applyEdits(headers: Headers, edits: string): void {
  for (let at = 0, end = edits.indexOf("\n"); end >= 0; at = end + 1, end = edits.indexOf("\n", at)) {
    const colon = edits.indexOf(":", at);
    if (edits[at] === "-") headers.delete(edits.slice(at + 1, end));
    else if (edits[at] === "=") headers.set(edits.slice(at + 1, colon), edits.slice(colon + 2, end));
    else headers.append(edits.slice(at + 1, colon), edits.slice(colon + 2, end));
  }
}
