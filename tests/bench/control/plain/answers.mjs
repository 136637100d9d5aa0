// Refusals (S2.3) and the reading of bodies.

import { ulid } from "./identity.mjs";

const TITLES = { 400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 409: "Conflict" };

export class Refusal extends Error {
  constructor(status, code, detail, violations) {
    super(detail);
    Object.assign(this, { status, code, violations });
  }

  answer(instance, now) {
    const { status, code, violations } = this;
    const body = JSON.stringify({
      type: `https://httpproblems.com/http-status/${status}`,
      title: TITLES[status],
      status,
      detail: this.message,
      instance,
      code,
      invalidParameters: violations,
      trace: { timestamp: new Date(now).toISOString(), requestId: ulid(now) },
    });
    return { status, type: "application/problem+json", body };
  }
}

export const notFound = (what) => new Refusal(404, "not_found", `There is no such ${what}.`);

export function json(status, body, etag) {
  return { status, type: "application/json", body: JSON.stringify(body), etag };
}

/** Reads the members of an object by what is known of them; every bad one is named. */
export class Fields {
  #object;
  #violations = [];
  #known = new Set();

  constructor(text) {
    const object = typeof text === "string" ? parse(text) : text;
    if (typeof object !== "object" || object === null || Array.isArray(object)) this.refuse("", "type", "an object");
    this.#object = object;
  }

  text(name, most, pattern) {
    const value = this.take(name);
    if (value === undefined) this.refuse(name, "required", "is required");
    return this.#checked(name, value, most, pattern);
  }

  optionalText(name, most, pattern) {
    const value = this.take(name);
    return value === undefined ? null : this.#checked(name, value, most, pattern);
  }

  metadata() {
    const value = this.take("metadata") ?? {};
    if (typeof value !== "object" || Array.isArray(value)) this.refuse("metadata", "type", "must be an object");
    const entries = Object.entries(value);
    if (entries.length > 50) this.refuse("metadata", "length", "must have at most 50 members");
    for (const [name, entry] of entries) {
      if (name.length > 64 || String(entry).length > 500) this.refuse(`metadata.${name}`, "length", "is too long");
    }
    return Object.fromEntries(entries.map(([name, entry]) => [name, String(entry)]));
  }

  take(name) {
    this.#known.add(name);
    return this.#object[name];
  }

  refuse(field, rule, message) {
    this.#violations.push({ field, rule, message });
  }

  /** Throws what was refused, and members that nobody asked for. */
  end() {
    for (const name of Object.keys(this.#object)) {
      if (!this.#known.has(name)) this.refuse(name, "unknown_field", "is not known here");
    }
    const [first] = this.#violations;
    if (first !== undefined) {
      throw new Refusal(400, "invalid_parameters", `"${first.field}" ${first.message}`, this.#violations);
    }
  }

  #checked(name, value, most, pattern) {
    const good = typeof value === "string" && value.length >= 1 && value.length <= most;
    if (!good || (pattern !== undefined && !pattern.test(value))) this.refuse(name, "length", "is not a good text");
    return value;
  }
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    throw new Refusal(400, "malformed_json", "The body is not valid JSON.");
  }
}
