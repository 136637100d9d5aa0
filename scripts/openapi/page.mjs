// The page that shows docs/openapi.yaml to people: one file without scripts, fonts or anything else from elsewhere.

import { createHash } from "node:crypto";
import { operationsOf, resolved } from "./document.mjs";
import { html, inlineMarkdown, markdown } from "./html.mjs";
import { boundsOf, exampleOf, membersOf, REQUIRED, schemaSection, typeOf } from "./schema-view.mjs";

/** @returns {string} */
export function renderPage(document, style) {
  const operations = operationsOf(document);
  const tags = document.tags.map((tag) => ({
    ...tag,
    operations: operations.filter(({ definition }) => definition.tags.includes(tag.name)),
  }));
  const schemas = Object.entries(document.components.schemas).sort(([a], [b]) => (a < b ? -1 : 1));
  return `<!doctype html>\n${html`<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policyFor(style)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${document.info.title}: API reference</title>
<style>${verbatim(style)}</style>
</head>
<body>
<nav aria-label="Contents">
<p class="title"><a href="#top">${document.info.title}</a></p>
${tags.map(navigation)}
<p class="group"><a href="#schemas">Schemas</a></p>
</nav>
<main id="top">
<h1>${document.info.title}</h1>
<p class="lead">${document.info.summary} <a href="openapi.yaml">The same as OpenAPI ${document.openapi}</a></p>
<p>All paths stand below <code>${document.servers[0].url}</code>.</p>
${markdown(document.info.description)}
${tags.map((tag) => tagSection(document, tag))}
<h2 id="schemas">Schemas</h2>
${schemas.map(([name, schema]) => schemaSection(name, schema))}
</main>
</body>
</html>`}\n`;
}

/** Nothing but the one style sheet that is in the page. */
function policyFor(style) {
  const digest = createHash("sha256").update(style).digest("base64");
  return `default-src 'none'; style-src 'sha256-${digest}'; base-uri 'none'; form-action 'none'`;
}

/** A style sheet of our own, which must not be escaped: its digest is in the policy. */
function verbatim(style) {
  if (style.includes("</")) throw new Error("the style sheet would end too early");
  return html([style]);
}

function navigation({ name, operations }) {
  return html`<p class="group"><a href="#${anchorOf(name)}">${name}</a></p>
<ul>${operations.map(
    ({ method, definition: { operationId, summary } }) =>
      html`<li><a href="#${operationId}"><span class="method ${method}">${method}</span> ${summary}</a></li>`,
  )}</ul>`;
}

function anchorOf(tag) {
  return `tag-${tag.toLowerCase().replaceAll(" ", "-")}`;
}

function tagSection(document, { name, description, operations }) {
  return html`<h2 id="${anchorOf(name)}">${name}</h2>
${markdown(description)}
${operations.map((operation) => operationSection(document, operation))}`;
}

function operationSection(document, { method, path, definition, parameters }) {
  const key = definition["x-operator"] ? "the operator's key" : definition["x-roles"].join(", ");
  return html`<section class="operation" id="${definition.operationId}">
<h3><a href="#${definition.operationId}">${definition.summary}</a></h3>
<p class="route"><span class="method ${method}">${method}</span> <code>${path}</code>
<span class="roles">${key}</span></p>
${markdown(definition.description)}
${parameters.length > 0 && parameterTable(parameters)}
${definition.requestBody && requestBody(document, definition.requestBody)}
<h4>Answers</h4>
${Object.entries(definition.responses).map(([status, response]) => answer(document, status, response))}
</section>`;
}

function parameterTable(parameters) {
  return html`<h4>Parameters</h4>
<table class="members"><tbody>${parameters.map(
    ({ name, in: place, required, schema, description }) =>
      html`<tr><th scope="row"><code>${name}</code> <span class="place">${place}</span>${required && REQUIRED}</th>
<td>${typeOf(schema)} <span class="bounds">${boundsOf(schema)}</span>
<div>${inlineMarkdown(description)}</div></td></tr>`,
  )}</tbody></table>`;
}

function requestBody(document, { required, content }) {
  return html`<h4>Body${required ? "" : " (may be left out)"}</h4>
${Object.entries(content).map(([type, media]) => mediaType(document, type, media))}`;
}

function answer(document, status, reference) {
  const response = resolved(document, reference);
  const description = reference.description ?? response.description;
  const isSuccess = status < "300";
  const kind = isSuccess ? "success" : "refusal";
  const summary = html`<span class="status ${kind}">${status}</span> ${inlineMarkdown(description)}`;
  // Refusals all look alike, which their schema says once.
  const content = Object.entries(response.content ?? {});
  if (!isSuccess) return html`<p class="answer">${summary} ${content.map(([, { schema }]) => typeOf(schema))}</p>`;
  if (content.length === 0) return html`<p class="answer">${summary}</p>`;
  const headers = Object.keys(response.headers ?? {});
  return html`<details class="answer"><summary>${summary}</summary>
${headers.length > 0 && html`<p>Headers: ${headers.map((name, i) => html`${i > 0 && ", "}<code>${name}</code>`)}</p>`}
${content.map(([type, media]) => mediaType(document, type, media))}
</details>`;
}

function mediaType(document, type, { schema, example }) {
  const target = resolved(document, schema);
  return html`<p><code>${type}</code>: ${typeOf(schema)}</p>
${membersOf(target)}
${example !== undefined && exampleOf(example)}`;
}
