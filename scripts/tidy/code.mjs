// Source text without what is not code.

/**
 * The text of a C++, JavaScript or TypeScript file with comments and the insides of strings turned into spaces. Lines
 * and columns stay where they are. What stands in `${…}` of a template stays code.
 *
 * @param {string} text
 * @param {boolean} cpp C++, with raw strings and digit separators; else JavaScript, with templates and regular
 * expressions
 */
export function codeOf(text, cpp) {
  return new Scanner(text, cpp).scan();
}

/** After one of these a slash begins a regular expression. */
const BEFORE_REGEX = /(?:^|[(,=:[!&|?{};+\-*%<>~^]|\b(?:return|typeof|case|in|of|await|yield|new))\s*$/;

class Scanner {
  #text;
  #cpp;
  #at = 0;
  #code = "";
  /** For each template that is open: how many braces are open inside its `${…}`. */
  #templates = [];

  constructor(text, cpp) {
    this.#text = text;
    this.#cpp = cpp;
  }

  scan() {
    while (this.#at < this.#text.length) this.#step();
    return this.#code;
  }

  #step() {
    const rest = this.#text.slice(this.#at, this.#at + 24);
    const raw = this.#cpp ? /^R"([^()\\ ]{0,16})\(/.exec(rest) : null;
    if (rest.startsWith("//")) this.#blank(this.#find("\n", 0));
    else if (rest.startsWith("/*")) this.#blank(this.#find("*/", 2) + 2);
    else if (raw !== null && !this.#afterWord()) this.#blank(this.#find(`)${raw[1]}"`, 0) + raw[1].length + 2);
    else if (rest[0] === '"' || (rest[0] === "'" && !(this.#cpp && this.#afterWord()))) this.#string(rest[0]);
    else if (!this.#cpp && rest[0] === "`") this.#template();
    else if (!this.#cpp && rest[0] === "/" && BEFORE_REGEX.test(this.#code.slice(-40))) this.#regex();
    else if (!this.#cpp && this.#endsHole(rest[0])) this.#template();
    else this.#keep();
  }

  #keep() {
    this.#code += this.#text[this.#at++];
  }

  /** Turns everything up to a position into spaces. */
  #blank(end) {
    const until = Math.min(end, this.#text.length);
    this.#code += this.#text.slice(this.#at, until).replace(/[^\n]/g, " ");
    this.#at = until;
  }

  #find(what, after) {
    const found = this.#text.indexOf(what, this.#at + after);
    return found < 0 ? this.#text.length : found;
  }

  /** Whether a word ends here: then a quote is a digit separator and an R is part of a name. */
  #afterWord() {
    return /\w$/.test(this.#code.slice(-1));
  }

  /** The end of what is quoted, from behind the opening quote: the position of the closing one. */
  #closing(quote) {
    let end = this.#at + 1;
    while (end < this.#text.length && this.#text[end] !== quote) end += this.#text[end] === "\\" ? 2 : 1;
    return end;
  }

  #string(quote) {
    const end = this.#closing(quote);
    this.#keep();
    this.#blank(end);
    this.#keep();
  }

  #regex() {
    let end = this.#at + 1;
    let inClass = false;
    for (; end < this.#text.length && (inClass || this.#text[end] !== "/"); end++) {
      if (this.#text[end] === "\\") end++;
      else if (this.#text[end] === "[") inClass = true;
      else if (this.#text[end] === "]") inClass = false;
    }
    this.#keep();
    this.#blank(end);
    this.#keep();
  }

  /** Whether a brace ends the `${…}` of a template; counts those that do not. */
  #endsHole(letter) {
    const last = this.#templates.length - 1;
    if (last < 0) return false;
    if (letter === "{") this.#templates[last]++;
    if (letter !== "}") return false;
    if (this.#templates[last]-- > 0) return false;
    this.#templates.pop();
    return true;
  }

  /** From the opening backtick, or the end of a `${…}`, to the closing backtick or the next `${`. */
  #template() {
    let end = this.#at + 1;
    while (end < this.#text.length && this.#text[end] !== "`" && !this.#text.startsWith("${", end)) {
      end += this.#text[end] === "\\" ? 2 : 1;
    }
    const opens = this.#text[end] === "$";
    this.#keep();
    this.#blank(end);
    if (opens) {
      this.#templates.push(0);
      this.#blank(end + 1);
    }
    this.#keep();
  }
}

/**
 * The functions of a file: `{ name, line, lines, own }` each: lines with its head and its closing brace, and how many
 * of them are its own and not those of a function inside it.
 *
 * @param {string} code what codeOf has made
 * @param {boolean} cpp
 */
export function functionsOf(code, cpp) {
  const found = [];
  const open = [];
  let head = 0;
  let line = 1;
  for (let at = 0; at < code.length; at++) {
    const letter = code[at];
    if (letter === "\n") line++;
    else if (letter === "(" || letter === "[") open.push({ letter, head });
    else if (letter === ")" || letter === "]") head = open.pop()?.head ?? at + 1;
    else if (letter === ";" && (open.length === 0 || open.at(-1).letter === "{")) head = at + 1;
    else if (letter === "{") {
      open.push({ letter, line, text: code.slice(head, at).trim(), head, inner: 0 });
      head = at + 1;
    } else if (letter === "}") {
      const block = open.pop();
      if (block === undefined || block.letter !== "{") continue;
      if (isFunction(block.text, cpp)) {
        const begin = block.line - (block.text.match(/\n/g)?.length ?? 0);
        const lines = line - begin + 1;
        found.push({ name: nameOf(block.text), line: begin, lines, own: lines - block.inner });
        const outer = open.findLast((one) => one.letter === "{" && isFunction(one.text, cpp));
        if (outer !== undefined) outer.inner += lines;
      }
      // The braces of a constructor's initialiser are in the middle of its head.
      head = cpp && INITIALISER.test(block.text) ? block.head : at + 1;
    }
  }
  return found;
}

const NO_FUNCTION =
  /^(?:else\b|if\b|for\b|while\b|switch\b|do\b|try\b|catch\b|namespace\b|class\b|struct\b|enum\b|union\b)/;

/** One whose last member is initialised in braces. */
const CONSTRUCTOR = /^(?:explicit )?[\w:]+\([^;]*\)\s*(?:noexcept\s*)?:\s*\w+[({][^;]*\}$/;
const CPP_HEAD = /\)\s*(?:const|noexcept|override|final|mutable|\s|->[^(){}]*|:\s*\w+\([^{};]*\))*$/;
const SCRIPT_HEAD = /=>$|\)\s*(?::[^(){};=]*)?$/;
const INITIALISER = /\)\s*(?:noexcept\s*)?:[^;]*\w$/;

/** Whether the text before a brace is the head of a function: a list of parameters, and what may stand behind one. */
function isFunction(head, cpp) {
  if (NO_FUNCTION.test(head)) return false;
  return (cpp ? CPP_HEAD : SCRIPT_HEAD).test(head) || (cpp && CONSTRUCTOR.test(head));
}

function nameOf(head) {
  const names = [...head.matchAll(/([\w:~#$]+)\s*(?:=\s*(?:async\s*)?)?\(/g)].map(([, name]) => name);
  return names.find((name) => !/^(?:if|for|while|switch|return|catch|async|function)$/.test(name)) ?? "a function";
}
