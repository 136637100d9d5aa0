// JSON with the texts of its values: what a vector file says reaches the module as it was written, digits and all.

/** A value and where its text stands. */
class RawValue {
  constructor(text, start) {
    this.text = text;
    this.start = start;
    this.end = start;
    /** Of an object: [name, RawValue]; of an array: RawValue. */
    this.members = undefined;
    this.items = undefined;
  }

  /** The text of the value. */
  get raw() {
    return this.text.slice(this.start, this.end);
  }

  /** The text without what stands between its parts. */
  get compact() {
    if (this.isObject) {
      return `{${this.members.map(([name, member]) => `${JSON.stringify(name)}:${member.compact}`).join(",")}}`;
    }
    if (this.items !== undefined) return `[${this.items.map((item) => item.compact).join(",")}]`;
    return this.raw;
  }

  /** What JSON.parse makes of it. */
  get value() {
    return JSON.parse(this.raw);
  }

  get isObject() {
    return this.members !== undefined;
  }

  /** The member of a name, undefined when there is none. */
  get(name) {
    return this.members?.find(([member]) => member === name)?.[1];
  }
}

/** Reads a text. @throws SyntaxError */
export function parseRaw(text) {
  JSON.parse(text);
  return read(text, skip(text, 0));
}

const BLANK = /[ \t\r\n]*/y;
const STRING = /"(?:[^"\\]|\\.)*"/y;
const SCALAR = /[^,\]}\s]+/y;

function skip(text, at) {
  BLANK.lastIndex = at;
  BLANK.exec(text);
  return BLANK.lastIndex;
}

function endOf(pattern, text, at) {
  pattern.lastIndex = at;
  pattern.exec(text);
  return pattern.lastIndex;
}

/** The text is known to be JSON: only the ends of things are looked for. */
function read(text, start) {
  const node = new RawValue(text, start);
  const first = text[start];
  if (first === "{" || first === "[") {
    node.end = readList(text, start, node, first === "{");
  } else {
    node.end = endOf(first === '"' ? STRING : SCALAR, text, start);
  }
  return node;
}

function readList(text, start, node, isObject) {
  const list = [];
  if (isObject) node.members = list;
  else node.items = list;
  let at = skip(text, start + 1);
  while (text[at] !== "}" && text[at] !== "]") {
    let name;
    if (isObject) {
      const end = endOf(STRING, text, at);
      name = JSON.parse(text.slice(at, end));
      at = skip(text, skip(text, end) + 1);
    }
    const value = read(text, at);
    list.push(isObject ? [name, value] : value);
    at = skip(text, value.end);
    if (text[at] === ",") at = skip(text, at + 1);
  }
  return at + 1;
}
