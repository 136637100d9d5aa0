// Where a text stops being JSON. `JSON.parse` says so of some mistakes only.

const BLANKS = /[ \t\r\n]*/y;
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON wants them escaped
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*"/y;
const SCALAR = /(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)(?![\w.+-])/y;

/** What stands in the way, with where. */
class Fault extends Error {
  constructor(at, wanted) {
    super(wanted);
    this.at = at;
  }
}

/** @returns {string | undefined} such as `line 3, column 7: "," or "]" is expected`; undefined when it is JSON */
export function jsonFault(text) {
  try {
    const end = skip(text, value(text, skip(text, 0)));
    if (end < text.length) throw new Fault(end, "nothing more");
    return undefined;
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    const lines = text.slice(0, error.at).split("\n");
    return `line ${lines.length}, column ${[...lines.at(-1)].length + 1}: ${error.message} is expected`;
  }
}

/** Where the match ends, undefined when there is none. */
function match(pattern, text, at) {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : undefined;
}

const skip = (text, at) => match(BLANKS, text, at);

/** The end of the value that begins at `at`. */
function value(text, at) {
  if (text[at] === "{") return list(text, at, "}", member);
  if (text[at] === "[") return list(text, at, "]", value);
  const end = match(text[at] === '"' ? STRING : SCALAR, text, at);
  if (end === undefined) throw new Fault(at, text[at] === '"' ? "a string that ends on its line" : "a value");
  return end;
}

function list(text, begin, close, element) {
  let at = skip(text, begin + 1);
  if (text[at] === close) return at + 1;
  for (;;) {
    at = skip(text, element(text, at));
    if (text[at] === close) return at + 1;
    if (text[at] !== ",") throw new Fault(at, `"," or "${close}"`);
    at = skip(text, at + 1);
  }
}

function member(text, at) {
  const end = match(STRING, text, at);
  if (end === undefined) throw new Fault(at, 'a name in ""');
  const colon = skip(text, end);
  if (text[colon] !== ":") throw new Fault(colon, '":"');
  return value(text, skip(text, colon + 1));
}
