// Where a text stops being JSON. `JSON.parse` says so of some mistakes only.

import { parse, printParseErrorCode } from "jsonc-parser";

/** @returns {string | undefined} such as `line 3, column 7: comma expected`; undefined when it is JSON */
export function jsonFault(text) {
  try {
    JSON.parse(text);
    return undefined;
  } catch (refusal) {
    const faults = [];
    parse(text, faults, { disallowComments: true });
    if (faults.length === 0) return refusal.message;
    const [{ error, offset }] = faults;
    const lines = text.slice(0, offset).split("\n");
    const what = printParseErrorCode(error).replaceAll(/\B[A-Z]/g, (letter) => ` ${letter}`);
    return `line ${lines.length}, column ${[...lines.at(-1)].length + 1}: ${what.toLowerCase()}`;
  }
}
