// HTML as text, and the little of Markdown that descriptions use.

const ENTITIES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

/** Markup that is to stand as it is. */
class Markup {
  constructor(text) {
    this.text = text;
  }
  toString() {
    return this.text;
  }
}

/** A template of markup: what is put in is escaped unless it is markup itself; lists are joined, nothing is nothing. */
export function html(parts, ...values) {
  return new Markup(String.raw({ raw: parts }, ...values.map(rendered)));
}

function rendered(value) {
  if (value instanceof Markup) return value.text;
  if (Array.isArray(value)) return value.map(rendered).join("");
  if (value === undefined || value === null || value === false) return "";
  return escaped(String(value));
}

function escaped(text) {
  return text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character]);
}

/** Paragraphs, tables, `code` and **strong**. */
export function markdown(text = "") {
  const blocks = text.trim().split(/\n\s*\n/);
  return blocks.filter((block) => block !== "").map(block);
}

/** A description that is one sentence or two: without the paragraph. */
export function inlineMarkdown(text = "") {
  const marked = escaped(text.trim())
    .replaceAll(/`([^`]+)`/g, "<code>$1</code>")
    .replaceAll(/\*\*([^*]+)\*\*/g, "<strong>$1</strong>");
  return new Markup(marked);
}

function block(text) {
  return text.startsWith("|") ? table(text) : html`<p>${inlineMarkdown(text)}</p>`;
}

function table(text) {
  const [heading, , ...rows] = text.split("\n").map((line) =>
    line
      .trim()
      .replaceAll(/^\||\|$/g, "")
      .split("|"),
  );
  const row = (cells, cell) => html`<tr>${cells.map((each) => cell(inlineMarkdown(each)))}</tr>`;
  return html`<table><thead>${row(heading, (cell) => html`<th>${cell}</th>`)}</thead>
<tbody>${rows.map((cells) => row(cells, (cell) => html`<td>${cell}</td>`))}</tbody></table>`;
}
