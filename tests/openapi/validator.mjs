// Holds an exchange with the control plane against the document.

import { operationFinder, operationsOf, readDocument, resolved } from "../../scripts/openapi/document.mjs";
import { Schemas } from "./schemas.mjs";

/**
 * @typedef {object} Exchange
 * @property {string} method
 * @property {string} target what follows `/v3/metering/{bucket}`: path and query
 * @property {Headers} requestHeaders
 * @property {string} [requestBody] as it was sent
 * @property {number} status
 * @property {Headers} headers
 * @property {string} body
 * @property {boolean} [undocumented] the request is not as the document asks, and is taken all the same
 */

export class Validator {
  #document = readDocument();
  #schemas = new Schemas(this.#document);
  #find = operationFinder(operationsOf(this.#document));

  /**
   * What is wrong. An answer has to be one that the document has. A request that was carried out has to be one too; of
   * one that was refused nothing is asked.
   *
   * @param {Exchange} exchange
   * @returns {{operation?: string, complaints: string[]}}
   */
  check(exchange) {
    const url = new URL(exchange.target, "http://localhost");
    const operation = this.#find(exchange.method, url.pathname);
    if (operation === undefined) return { complaints: this.#aboutUnknownPath(exchange) };
    const complaints = this.#aboutAnswer(operation, exchange);
    if (exchange.status < 300 && !exchange.undocumented) {
      complaints.push(...this.#aboutParameters(operation, url, exchange), ...this.#aboutInput(operation, exchange));
    }
    return { operation: `${operation.method} ${operation.path}`, complaints };
  }

  #aboutUnknownPath({ status, body }) {
    if (status !== 404 && status !== 405) return [`answered ${status}, but the document has no such path and method`];
    return this.#schemas.complaintsAboutAnswer("/components/schemas/Problem", JSON.parse(body));
  }

  #aboutAnswer(operation, { status, headers, body }) {
    const response = resolved(this.#document, operation.definition.responses[status]);
    if (response === undefined) return [`${status} is not a status that the document has here`];
    const complaints = Object.entries(response.headers ?? {}).flatMap(([name, reference]) =>
      this.#aboutHeader(name, resolved(this.#document, reference), headers.get(name)),
    );
    if (response.content === undefined) return body === "" ? complaints : [...complaints, "there should be no body"];
    const type = mediaType(headers);
    if (response.content[type] === undefined)
      return [...complaints, `${type} is not a type that the document has here`];
    const pointer = this.#responsePointer(operation, status, type);
    const value = type.endsWith("json") ? JSON.parse(body) : body;
    return [...complaints, ...this.#schemas.complaintsAboutAnswer(pointer, value)];
  }

  #responsePointer(operation, status, type) {
    const reference = operation.definition.responses[status].$ref;
    const response = reference === undefined ? `${operation.pointer}/responses/${status}` : reference.slice(1);
    return `${response}/content/${type.replaceAll("/", "~1")}/schema`;
  }

  #aboutHeader(name, { required, schema }, value) {
    if (value === null) return required ? [`the header ${name} is missing`] : [];
    const fits = new RegExp(schema.pattern ?? `^${schema.const}$`).test(value);
    return fits ? [] : [`the header ${name} is not as described: ${value}`];
  }

  #aboutParameters(operation, url, { requestHeaders }) {
    const known = new Map(operation.parameters.map((parameter) => [`${parameter.in} ${parameter.name}`, parameter]));
    const given = [...url.searchParams].map(([name, value]) => ["query", name, value]);
    for (const name of ["Idempotency-Key", "If-Match"]) {
      if (requestHeaders.has(name)) given.push(["header", name, requestHeaders.get(name)]);
    }
    return given.flatMap(([where, name, text]) => {
      const parameter = known.get(`${where} ${name}`);
      if (parameter === undefined) return [`the ${where} parameter ${name} is not in the document`];
      const pointer = this.#parameterPointer(operation, parameter);
      return this.#schemas.complaintsAboutInput(pointer, readAs(resolved(this.#document, parameter.schema), text));
    });
  }

  #parameterPointer(operation, parameter) {
    const shared = Object.entries(this.#document.components.parameters).find(([, each]) => each === parameter);
    if (shared !== undefined) return `/components/parameters/${shared[0]}/schema`;
    const index = operation.definition.parameters.indexOf(parameter);
    return `${operation.pointer}/parameters/${index}/schema`;
  }

  #aboutInput(operation, { requestBody, requestHeaders }) {
    const described = operation.definition.requestBody;
    if (requestBody === undefined || requestBody === "") {
      return described?.required ? ["a body is required"] : [];
    }
    if (described === undefined) return ["the document has no body here"];
    const type = mediaType(requestHeaders);
    if (described.content[type] === undefined) return [`the document does not have a body of the type ${type}`];
    const pointer = `${operation.pointer}/requestBody/content/${type.replaceAll("/", "~1")}/schema`;
    return this.#schemas.complaintsAboutInput(pointer, JSON.parse(requestBody));
  }
}

function mediaType(headers) {
  return (headers.get("content-type") ?? "").split(";")[0].trim().toLowerCase();
}

/** The value of a parameter's text. */
function readAs({ type }, text) {
  if (type === "integer" && /^\d+$/.test(text)) return Number(text);
  if (type === "boolean" && /^(true|false)$/.test(text)) return text === "true";
  return text;
}
