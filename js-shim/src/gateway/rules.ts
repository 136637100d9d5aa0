import { applyEdits, type Fields, linesOf } from "./fields.js";
import { Memo } from "./memo.js";
import { GatewayModule } from "./module.js";
import { ResponseReader } from "./response-reader.js";

/** A configuration that was refused; the message names route, field, value and rule. */
export class RouteError extends Error {
  override name = "RouteError";
}

/** A policy that routes may use. */
export interface KnownPolicy {
  name: string;
  authHeader: string;
}

/** What a host needs to know of a route. */
export interface RouteInfo {
  /** The pattern as written, for messages. */
  path: string;
  /** Index of the policy, −1 for an open route. */
  policy: number;
  upstream: { service: string } | { origin: string; basePath: string };
  /** Whether a meter stands in the body. */
  readsBody: boolean;
  /** How many meters stand in the response. */
  meters: number;
  /** Whether the host's cache may be asked. */
  sharedCache: boolean;
  cors: boolean;
}

/** A `routes.json`, read. */
export interface RouteTable {
  bucket: string;
  buckets: string[];
  keyFormat: "tgk" | "any";
  maxRequestBytes: number;
  /** How much of a metered body is read on after its client has gone, and for how long. */
  maxMeteredResponseBytes: number;
  drainSeconds: number;
  cors: boolean;
  /** Requests that need no look-up, `GET /todos`, by the index of their route. */
  exact: Record<string, number>;
  routes: RouteInfo[];
}

/** The index of a request's route and the path that the upstream is sent; or what is answered in its place. */
export type Match = { route: number; path: string } | { problem: string; subject: string };

/** Who calls, as the host knows it. */
export interface Caller {
  host: string;
  scheme: string;
  /** Of the client; empty where it is not known. */
  address: string;
  consumer: string;
  subscription: string;
}

export interface ProblemTrace {
  instance: string;
  requestId: string;
  buildId: string | undefined;
  now: number;
}

export interface ProblemAnswer {
  status: number;
  /** Edits. */
  fields: string;
  body: string;
}

/** What is to be done about a batch of events that was refused. */
export interface SortedBatch {
  refused: { index: number; reason: string }[];
  again: number[][];
}

/** Lists of fields that are remembered: clients of one kind send the same. */
const MEMO = 512;
/** Fields of a response whose values decide what becomes of it; of others, their names do. */
const TELLING = new Set(["connection", "location", "content-location", "cache-control"]);

/**
 * The rules of a gateway, as the module has them. What the same clients ask again is remembered, so that a request
 * whose path stands in the table costs no call of the module.
 */
export class GatewayRules {
  readonly table: RouteTable;
  readonly #exact: ReadonlyMap<string, number>;
  readonly #fields = new Memo(MEMO);
  readonly #make: () => GatewayModule;
  #module: GatewayModule;

  /**
   * @param module default: the one inside this package
   * @throws RouteError
   */
  constructor(routes: string, policies: readonly KnownPolicy[], module?: WebAssembly.Module) {
    const list = JSON.stringify(policies.map(({ name, authHeader }) => ({ name, authHeader })));
    const length = new TextEncoder().encode(list).length;
    let table = "";
    this.#make = () => {
      const made = new GatewayModule(module);
      const { result, text } = made.ask("configure", length, list + routes);
      if (result < 0) throw new RouteError(text);
      table = text;
      return made;
    };
    this.#module = this.#make();
    this.table = JSON.parse(table);
    this.#exact = new Map(Object.entries(this.table.exact));
  }

  match(method: string, path: string): Match {
    const known = this.#exact.get(`${method} ${path}`);
    if (known !== undefined) return { route: known, path };
    const { result, text } = this.#ask("match", 0, `${method} ${path}`);
    if (result >= 0) return { route: result, path: text };
    const [problem = "", subject = ""] = text.split("\n");
    return { problem, subject };
  }

  /** Edits for the answer to a preflight, which is 204; undefined: the request is one like any other. */
  preflight(path: string, origin: string, method: string, headers: string): string | undefined {
    const { result, text } = this.#ask("preflight", 0, `${path}\n${origin}\n${method}\n${headers}`);
    return result < 0 ? undefined : text;
  }

  /** The fields of a request as its upstream is sent them. */
  forwarded(route: number, headers: Headers, caller: Caller): Headers {
    const forwarded = new Headers(headers);
    applyEdits(forwarded, this.requestFields(route, headers.get("connection") ?? "", headers.keys()));
    applyEdits(forwarded, this.ownFields(route, caller));
    return forwarded;
  }

  /** Edits that leave out what the upstream is not sent. */
  requestFields(route: number, connection: string, names: Iterable<string>): string {
    return this.#edits("request_fields", route, [connection, ...names].join("\n"));
  }

  /** Edits that add what only we tell the upstream, to be made last. */
  ownFields(route: number, { host, scheme, address, consumer, subscription }: Caller): string {
    return this.#edits("own_fields", route, [host, scheme, address, consumer, subscription].join("\n"));
  }

  /** Edits of the fields of a response. */
  responseFields(route: number, origin: string, fields: Fields): string {
    const lines = linesOf(fields, (name) => TELLING.has(name.toLowerCase()));
    return this.#edits("response_fields", route, `${origin}\n${lines}`);
  }

  /** Edits for an answer of our own, of a route or of none (−1). */
  corsFields(route: number, origin: string): string {
    return this.#edits("cors_fields", route, origin);
  }

  problem(code: string, subject: string, { instance, requestId, buildId, now }: ProblemTrace): ProblemAnswer {
    const lines = [code, subject, Math.max(0, Math.trunc(now)), requestId, buildId ?? "", instance];
    const { result, text } = this.#ask("problem", 0, lines.join("\n"));
    if (result < 0) throw new Error(`tollgate: no problem has the code ${code}`);
    const end = text.indexOf("\n\n");
    return { status: result, fields: text.slice(0, end + 1), body: text.slice(end + 2) };
  }

  /** Begins to read a response for the meters of its route. */
  read(route: number, status: number, fields: Fields): ResponseReader {
    return this.#guarded((module) => new ResponseReader(module, route, status, fields));
  }

  sortRefused(events: number, status: number, answer: string): SortedBatch {
    return JSON.parse(this.#ask("sort_refused", status, `${events}\n${answer}`).text);
  }

  /** A status and what a body says with it, as a reason to keep. */
  reasonOf(status: number, answer: string): string {
    return this.sortRefused(0, status, answer).refused[0]?.reason ?? String(status);
  }

  #edits(name: "request_fields" | "own_fields" | "response_fields" | "cors_fields", route: number, text: string) {
    return this.#fields.get(`${name} ${route}\n${text}`, () => this.#ask(name, route, text).text);
  }

  #ask(name: Parameters<GatewayModule["ask"]>[0], subject: number, text: string) {
    return this.#guarded((module) => module.ask(name, subject, text));
  }

  /** A module that trapped is replaced by the next request. */
  #guarded<T>(call: (module: GatewayModule) => T): T {
    if (this.#module.dead) this.#module = this.#make();
    return call(this.#module);
  }
}
