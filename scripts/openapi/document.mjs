// docs/openapi.yaml as a value, and the operations in it.

import { readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";

export const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
export const DOCUMENT = join(ROOT, "docs/openapi.yaml");

const METHODS = ["get", "put", "post", "delete", "patch", "head", "options", "trace"];

export function readDocument() {
  return parse(readFileSync(DOCUMENT, "utf8"));
}

/** What `$ref` leads to, or the value itself. */
export function resolved(document, value) {
  if (typeof value?.$ref !== "string") return value;
  const names = value.$ref.split("/").slice(1);
  return resolved(
    document,
    names.reduce((at, name) => at[name.replaceAll("~1", "/").replaceAll("~0", "~")], document),
  );
}

/**
 * One method of one path.
 *
 * @typedef {object} Operation
 * @property {string} method in capitals
 * @property {string} path as the document writes it: `/plans/{planId}`
 * @property {string} pointer where it stands, as a JSON pointer
 * @property {object} definition
 * @property {object[]} parameters those of the path too, resolved
 */

/** @returns {Operation[]} */
export function operationsOf(document) {
  return Object.entries(document.paths).flatMap(([path, item]) =>
    METHODS.filter((method) => item[method] !== undefined).map((method) => ({
      method: method.toUpperCase(),
      path,
      pointer: `/paths/${path.replaceAll("/", "~1")}/${method}`,
      definition: item[method],
      parameters: [...(item.parameters ?? []), ...(item[method].parameters ?? [])].map((each) =>
        resolved(document, each),
      ),
    })),
  );
}

/** Finds the operation of a request; a path without parameters comes before one with some. */
export function operationFinder(operations) {
  const patterns = operations
    .map((operation) => ({ operation, pattern: patternOf(operation.path) }))
    .sort((a, b) => parametersOf(a.operation) - parametersOf(b.operation));
  return (method, path) =>
    patterns.find(({ operation, pattern }) => operation.method === method && pattern.test(path))?.operation;
}

function patternOf(path) {
  return new RegExp(`^${path.replaceAll(/\{\w+\}/g, "[^/]+")}$`);
}

function parametersOf(operation) {
  return operation.path.split("{").length;
}
