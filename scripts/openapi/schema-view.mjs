// A schema as a person reads it: a word for its type, its bounds, a table of its members.

import { html, inlineMarkdown } from "./html.mjs";

/** What a value is: a link to a schema that has a name, else words. */
export function typeOf(schema) {
  if (schema === true || schema === undefined) return html`any`;
  if (schema.$ref !== undefined) return reference(schema.$ref);
  if (schema.const !== undefined) return html`<code>${JSON.stringify(schema.const)}</code>`;
  if (schema.enum !== undefined) return joined(schema.enum.map((value) => html`<code>${value}</code>`));
  const branches = schema.type === undefined ? (schema.oneOf ?? schema.anyOf) : undefined;
  if (branches !== undefined) return joined(branches.map(typeOf));
  if (schema.type === "array") return html`list of ${typeOf(schema.items)}`;
  const others = schema.additionalProperties;
  if (schema.type === "object" && schema.properties === undefined && typeof others === "object") {
    return html`map to ${typeOf(others)}`;
  }
  return joined([schema.type ?? "any"].flat().map((name) => html`${name}`));
}

function reference(pointer) {
  const name = pointer.split("/").at(-1);
  return html`<a href="#schema-${name}">${name}</a>`;
}

function joined(items) {
  return items.map((item, i) => (i === 0 ? item : html` or ${item}`));
}

/** Bounds as a line of words. */
export function boundsOf(schema) {
  const words = [];
  const range = (least, most, unit) => {
    if (least === undefined && most === undefined) return;
    if (least === undefined) words.push(html`at most ${most}${unit}`);
    else if (most === undefined) words.push(html`at least ${least}${unit}`);
    else words.push(html`${least} to ${most}${unit}`);
  };
  range(schema.minLength, schema.maxLength, " characters");
  range(schema.minItems, schema.maxItems, " elements");
  range(schema.minProperties, schema.maxProperties, " members");
  range(schema.minimum, schema.maximum, "");
  if (schema.pattern !== undefined) words.push(html`<code>${schema.pattern}</code>`);
  if (schema.format !== undefined) words.push(html`${schema.format}`);
  if (schema.default !== undefined) words.push(html`default <code>${JSON.stringify(schema.default)}</code>`);
  return words.map((word, i) => (i === 0 ? word : html`, ${word}`));
}

/** What is said of a member that must be there. */
export const REQUIRED = html` <span class="required">required</span>`;

/** The members of an object, with those of objects inside that have no name of their own. */
export function membersOf(schema) {
  const rows = memberRows(schema, "");
  if (rows.length === 0) return undefined;
  return html`<table class="members"><tbody>${rows}</tbody></table>`;
}

function memberRows(schema, prefix) {
  const required = new Set(schema.required ?? []);
  return Object.entries(schema.properties ?? {}).flatMap(([name, member]) => [
    html`<tr><th scope="row"><code>${prefix}${name}</code>${required.has(name) && REQUIRED}</th>
<td>${typeOf(member)}${boundsLine(member)}${descriptionLine(member)}</td></tr>`,
    ...inside(member, `${prefix}${name}`),
  ]);
}

function descriptionLine({ description }) {
  return description && html`<div>${inlineMarkdown(description)}</div>`;
}

function boundsLine(schema) {
  const bounds = boundsOf(schema);
  return bounds.length > 0 && html` <span class="bounds">${bounds}</span>`;
}

function inside(schema, name) {
  if (schema.type === "array" && schema.items?.properties !== undefined) return memberRows(schema.items, `${name}[].`);
  return schema.properties === undefined ? [] : memberRows(schema, `${name}.`);
}

/** A value as JSON. */
export function exampleOf(value) {
  return html`<pre><code>${JSON.stringify(value, null, 2)}</code></pre>`;
}

/** A schema under its own heading. */
export function schemaSection(name, schema) {
  const bases = (schema.allOf ?? []).map((base) => typeOf(base));
  return html`<section class="schema" id="schema-${name}">
<h3>${name}</h3>
${schema.description && html`<p>${inlineMarkdown(schema.description)}</p>`}
${bases.length > 0 && html`<p>Everything of ${joined(bases)}, and:</p>`}
${schema.properties === undefined && html`<p>${typeOf(schema)}${boundsLine(schema)}</p>`}
${membersOf(schema)}
${schema.properties !== undefined && schema.examples?.map(exampleOf)}
</section>`;
}
