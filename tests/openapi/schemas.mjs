// The document's schemas as functions that check values.

import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";

/** Reads what is wrong with a value as the schema at a JSON pointer describes it; nothing wrong is the empty list. */
export class Schemas {
  #given;
  #closed;

  constructor(document) {
    this.#given = compilerOf(document, {});
    this.#closed = compilerOf(closedBelow(document), CLOSED);
  }

  /** For what is sent. */
  complaintsAboutInput(pointer, value) {
    return complaints(this.#given, pointer, value);
  }

  /**
   * For what is answered: clients must allow for members that they do not know, but here each one that the document
   * does not name is a complaint.
   */
  complaintsAboutAnswer(pointer, value) {
    return complaints(this.#closed, pointer, value);
  }
}

/** `alone` stands beside the reference to the schema that is asked for. */
function compilerOf(document, alone) {
  const ajv = new Ajv2020({ strict: false, allErrors: true, verbose: true });
  addFormats.default(ajv);
  ajv.addSchema(document, "openapi");
  const compiled = new Map();
  return (pointer) => {
    const known = compiled.get(pointer);
    if (known !== undefined) return known;
    const check = ajv.compile({ $ref: `openapi#${encodeURI(pointer)}`, ...alone });
    compiled.set(pointer, check);
    return check;
  };
}

function complaints(compiler, pointer, value) {
  const check = compiler(pointer);
  if (check(value)) return [];
  return check.errors.map(({ instancePath, message, params, data }) => {
    const shown = JSON.stringify(data)?.slice(0, 120);
    return `${instancePath || "the body"} ${message} ${JSON.stringify(params)}: ${shown}`;
  });
}

const CLOSED = { unevaluatedProperties: false };
/** Keywords whose members, or which themselves, describe values inside the value. */
const MAPS_OF_VALUES = new Set(["properties", "patternProperties"]);
const VALUES = new Set(["items", "additionalProperties"]);
/** Keywords that describe objects, alone or through others. */
const OBJECTS = ["$ref", "properties", "allOf", "oneOf", "anyOf"];

/** The document with every object that stands somewhere as a value closed to members that are not named. */
function closedBelow(node) {
  if (Array.isArray(node)) return node.map(closedBelow);
  if (typeof node !== "object" || node === null) return node;
  return Object.fromEntries(
    Object.entries(node).map(([name, child]) => {
      if (VALUES.has(name)) return [name, closedValue(child)];
      if (!MAPS_OF_VALUES.has(name)) return [name, closedBelow(child)];
      return [name, Object.fromEntries(Object.entries(child).map(([key, value]) => [key, closedValue(value)]))];
    }),
  );
}

function closedValue(schema) {
  const below = closedBelow(schema);
  if (typeof schema !== "object" || !OBJECTS.some((keyword) => keyword in schema)) return below;
  return { ...below, ...CLOSED };
}
