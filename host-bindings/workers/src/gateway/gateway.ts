import type { BackgroundContext, Gate } from "tollgate";
import {
  appendLines,
  applyEdits,
  type GatewayRules,
  type MeterReading,
  type RouteInfo,
  readingOf,
  watch,
} from "tollgate/internal/gateway";
import { declaredLength, type LimitedBody, limited } from "./body.js";
import type { Fetch } from "./fetch-for.js";
import { log, requestIdOf } from "./log.js";

/** A route with what it needs at hand. */
interface BoundRoute extends RouteInfo {
  index: number;
  credentialHeader: string;
  fetch: Fetch;
}

/** What the gateway counts, beside the counters of its gate. */
interface GatewayCounters {
  requests: number;
  unrouted: number;
  preflights: number;
  tooLarge: number;
  refused: number;
  upstreamFailures: number;
  responseMetersMissing: number;
}

/** How a {@link Gateway} is set up. */
interface GatewayOptions {
  gate: Gate;
  rules: GatewayRules;
  /** Makes what answers for a route's upstream. */
  fetchFor: (route: RouteInfo) => Fetch;
  buildId?: string | undefined;
  now?: () => number;
}

/** How long the rest of a refused body is waited for. */
const READ_OUT_MS = 5_000;

/** One request on its way through. */
interface Passage {
  request: Request;
  url: URL;
  route: BoundRoute;
  /** What the upstream is sent. */
  path: string;
  /** Of the gate; 0 on an open route, and when what it owes is settled: each is ended once. */
  result: number;
  quotaHeaders: string;
  context: BackgroundContext;
}

/**
 * Serves the routes: finds the route, lets the policy decide, passes the request on, meters the response; the rules are
 * those of the gateway module. A request whose key is cached goes to its upstream in the same turn.
 */
export class Gateway {
  readonly counters: GatewayCounters = {
    requests: 0,
    unrouted: 0,
    preflights: 0,
    tooLarge: 0,
    refused: 0,
    upstreamFailures: 0,
    responseMetersMissing: 0,
  };

  readonly #gate: Gate;
  readonly #rules: GatewayRules;
  readonly #routes: readonly BoundRoute[];
  readonly #hasCors: boolean;
  readonly #buildId: string | undefined;
  readonly #now: () => number;

  constructor({ gate, rules, fetchFor, buildId, now = Date.now }: GatewayOptions) {
    this.#gate = gate;
    this.#rules = rules;
    this.#buildId = buildId;
    this.#now = now;
    this.#routes = rules.table.routes.map((route, index) => {
      const credentialHeader = gate.policies[route.policy]?.authHeader ?? "authorization";
      return { ...route, index, credentialHeader, fetch: fetchFor(route) };
    });
    this.#hasCors = rules.table.cors || this.#routes.some(({ cors }) => cors);
  }

  /** Answers a request. The promise must be kept alive to its end (`waitUntil`): it settles what the request owes. */
  serve(request: Request, context: BackgroundContext): Promise<Response> | Response {
    const answer = this.#serve(request, context);
    return request.body === null ? answer : this.#afterBody(request, answer);
  }

  /** A body that nobody has read is read before the answer: left there, it would spoil the connection for others. */
  async #afterBody(request: Request, answer: Promise<Response> | Response): Promise<Response> {
    const response = await answer;
    const { body } = request;
    if (body !== null && !request.bodyUsed && !body.locked) {
      await readOut(limited(body, 0, 2 * this.#rules.table.maxRequestBytes).done);
    }
    return response;
  }

  #serve(request: Request, context: BackgroundContext): Promise<Response> | Response {
    this.counters.requests++;
    const url = new URL(request.url);
    const preflight = this.#hasCors && request.method === "OPTIONS" ? this.#preflight(request, url) : undefined;
    if (preflight !== undefined) return preflight;
    const match = this.#rules.match(request.method, url.pathname);
    if ("problem" in match) {
      this.counters.unrouted++;
      return this.problem(request, match.problem, match.subject);
    }
    const route = this.#routes[match.route] as BoundRoute;
    const length = declaredLength(request.headers);
    if ((length ?? 0) > this.#rules.table.maxRequestBytes) return this.#tooLarge(request, route);
    // No request of this runtime has a body with these methods: it cannot be passed on.
    const isBodiless = request.method === "GET" || request.method === "HEAD";
    if (isBodiless && length !== 0 && (request.body !== null || length !== undefined)) {
      return this.problem(request, "body_not_passed_on", "", route);
    }
    const passage: Passage = { request, url, route, path: match.path, result: 0, quotaHeaders: "", context };
    if (route.policy < 0) return this.#pass(passage);

    const now = this.#now();
    passage.result = this.#gate.check(route.policy, request.headers.get(route.credentialHeader), now);
    if (passage.result !== 0) {
      passage.quotaHeaders = this.#gate.quotaHeaders(passage.result, route.policy, now);
      return this.#decided(passage);
    }
    return this.#gate.settle(route.policy, context).then(({ result, quotaHeaders }) => {
      passage.result = result;
      passage.quotaHeaders = quotaHeaders;
      return this.#decided(passage);
    });
  }

  /** The answer to a browser that asks whether it may send a request; undefined: it is a request like any other. */
  #preflight({ headers }: Request, url: URL): Response | undefined {
    const asked = (name: string) => headers.get(name) ?? "";
    const method = asked("access-control-request-method");
    const names = asked("access-control-request-headers");
    const edits = this.#rules.preflight(url.pathname, asked("origin"), method, names);
    if (edits === undefined) return undefined;
    this.counters.preflights++;
    const answer = new Response(null, { status: 204 });
    applyEdits(answer.headers, edits);
    return answer;
  }

  #decided(passage: Passage): Promise<Response> | Response {
    return passage.result < 0 ? this.#refused(passage) : this.#pass(passage);
  }

  #refused({ request, url, route, result, quotaHeaders }: Passage): Response {
    this.counters.refused++;
    const now = this.#now();
    const { status, body } = this.#gate.problem(result, route.policy, url.pathname, requestIdOf(request), now);
    const headers = new Headers({ "content-type": "application/problem+json", "cache-control": "no-store" });
    appendLines(headers, quotaHeaders);
    this.#addCors(request, headers, route);
    return new Response(body, { status, headers });
  }

  /** Sends the request to its upstream. */
  #pass(passage: Passage): Promise<Response> {
    const { request, route } = passage;
    const counted = request.body === null || declaredLength(request.headers) !== undefined;
    const most = this.#rules.table.maxRequestBytes;
    let bounded: LimitedBody | undefined;
    const failed = (error: unknown) =>
      bounded?.exceeded() === true ? this.#cutShort(passage, bounded.done) : this.#unreachable(passage, error);
    let response: Promise<Response>;
    try {
      if (!counted) bounded = limited(request.body as ReadableStream<Uint8Array>, most, most);
      response = route.fetch(this.#forwarded(passage, bounded?.body ?? request.body));
    } catch (error) {
      // A request that this runtime cannot make has been let through all the same.
      return Promise.resolve(failed(error));
    }
    const sent = bounded?.done;
    if (sent === undefined) return response.then((answer) => this.#answered(passage, answer), failed);
    return response.then((answer) => readOut(sent).then(() => this.#answered(passage, answer)), failed);
  }

  /** The request for the upstream: same method, query and body; who calls is told in fields of our own. */
  #forwarded({ request, url, route, path, result }: Passage, body: ReadableStream<Uint8Array> | null): Request {
    const identity = result > 0 ? this.#gate.identity(result) : undefined;
    const { consumer = "", subscriptionId: subscription = "" } = identity ?? {};
    const address = request.headers.get("cf-connecting-ip") ?? "";
    const caller = { host: url.host, scheme: url.protocol.slice(0, -1), address, consumer, subscription };
    const headers = this.#rules.forwarded(route.index, request.headers, caller);
    const { upstream } = route;
    const base = "origin" in upstream ? upstream.origin + upstream.basePath : url.origin;
    const cache = route.sharedCache ? {} : { cache: "no-store" };
    const init = { method: request.method, headers, body, redirect: "manual", duplex: "half", ...cache };
    return new Request(base + path + url.search, init as RequestInit);
  }

  /** The response is there: meters it and hands it on. */
  #answered(passage: Passage, response: Response): Response {
    const { route } = passage;
    try {
      if (route.meters > 0) return this.#metered(passage, response);
      const answer = this.#handedOn(passage, response, response.body);
      this.#finish(passage, response.status, "");
      return answer;
    } catch (error) {
      // What came is no response that could be handed on.
      return this.#unreachable(passage, error);
    }
  }

  /** Meters what stands in the response. */
  #metered(passage: Passage, response: Response): Response {
    const { request, route, context } = passage;
    const { status, headers, body } = response;
    const reader = this.#rules.read(route.index, status, headers);
    if (!reader.refused && reader.wantsBody && body !== null) {
      const end = (whole: boolean) => this.#finish(passage, status, this.#said(route, readingOf(reader, whole)));
      const watched = watch(body, reader, this.#rules.table, end);
      context.waitUntil(watched.done);
      return this.#handedOn(passage, response, watched.body);
    }
    const reading = readingOf(reader, !reader.refused);
    const meters = this.#said(route, reading);
    // Nothing of the response is under way: where it is refused, nothing is owed.
    this.#finish(passage, reading.refused ? 502 : status, reading.refused ? "" : meters);
    if (!reading.refused) return this.#handedOn(passage, response, body);
    void body?.cancel();
    return this.problem(request, "meter_missing", "", route);
  }

  /** The response with its fields as the rules have them. */
  #handedOn({ request, route, quotaHeaders }: Passage, response: Response, body: Response["body"]): Response {
    const origin = route.cors ? (request.headers.get("origin") ?? "") : "";
    const edits = this.#rules.responseFields(route.index, origin, response.headers);
    if (edits === "" && quotaHeaders === "" && body === response.body) return response;
    const copy = new Response(body, response);
    appendLines(copy.headers, quotaHeaders);
    applyEdits(copy.headers, edits);
    return copy;
  }

  /** The meters that a response told of; what it did not is counted and logged. */
  #said({ path }: BoundRoute, { meters, faults, lost }: MeterReading): string {
    if (lost !== undefined) log("error", "what a response says it used is lost", { route: path, reason: lost });
    for (const { meter, reason } of faults) {
      this.counters.responseMetersMissing++;
      log("warn", "a response does not say what it used", { route: path, meter, reason });
    }
    return meters;
  }

  #finish(passage: Passage, status: number, meters: string): void {
    const { result, context } = passage;
    passage.result = 0;
    if (result > 0) this.#gate.finish(result, status, meters, context);
  }

  #unreachable(passage: Passage, error: unknown): Response {
    this.counters.upstreamFailures++;
    log("error", "an upstream could not be reached", { route: passage.route.path, reason: (error as Error)?.message });
    this.#finish(passage, 502, "");
    return this.problem(passage.request, "upstream_unreachable", "", passage.route);
  }

  /** The request's body proved too long while it was passed on: nothing was served. */
  async #cutShort(passage: Passage, done: Promise<void>): Promise<Response> {
    const { request, route, result } = passage;
    passage.result = 0;
    if (result > 0) this.#gate.abandon(result);
    await done;
    return this.#tooLarge(request, route);
  }

  #tooLarge(request: Request, route: BoundRoute): Response {
    this.counters.tooLarge++;
    return this.problem(request, "body_too_large", String(this.#rules.table.maxRequestBytes), route);
  }

  /** An answer of the gateway's own, by its code. */
  problem(request: Request, code: string, subject = "", route?: BoundRoute): Response {
    const trace = { requestId: requestIdOf(request), buildId: this.#buildId, now: this.#now() };
    const instance = new URL(request.url).pathname;
    const { status, fields, body } = this.#rules.problem(code, subject, { instance, ...trace });
    const headers = new Headers();
    applyEdits(headers, fields);
    this.#addCors(request, headers, route);
    return new Response(body, { status, headers });
  }

  #addCors(request: Request, headers: Headers, route?: BoundRoute): void {
    if (!this.#hasCors) return;
    applyEdits(headers, this.#rules.corsFields(route?.index ?? -1, request.headers.get("origin") ?? ""));
  }
}

/** Waits until a body was read to its end, but not for a sender that dawdles. */
async function readOut(done: Promise<void>): Promise<void> {
  let end = (): void => {};
  const patience = new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, READ_OUT_MS);
    end = () => clearTimeout(timer);
  });
  await Promise.race([done, patience]);
  end();
}
