import type { BackgroundContext, Gate } from "tollgate";
import { declaredLength, type LimitedBody, limited } from "./body.js";
import { log, problem, requestIdOf } from "./problem.js";
import { type MeterReading, observe, readBody, readHeaders } from "./response-meters.js";
import { Router } from "./router.js";
import type { Route, Routes } from "./routes.js";
import { type Fetch, forwarded } from "./upstream.js";

/** A route with what it needs at hand. */
interface BoundRoute extends Route {
  /** Index of the policy, −1 for an open route. */
  policyIndex: number;
  credentialHeader: string;
  fetch: Fetch;
  readsBody: boolean;
}

/** What the gateway counts, beside the counters of its gate. */
interface GatewayCounters {
  requests: number;
  unrouted: number;
  tooLarge: number;
  refused: number;
  upstreamFailures: number;
  responseMetersMissing: number;
}

/** How a {@link Gateway} is set up. */
interface GatewayOptions {
  gate: Gate;
  routes: Routes;
  /** Makes what answers for a route's upstream. */
  fetchFor: (route: Route) => Fetch;
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
  /** Of the gate; 0 on an open route, and when what it owes is settled: each is ended once. */
  result: number;
  quotaHeaders: string;
  context: BackgroundContext;
}

/**
 * Serves the routes: finds the route, lets the policy decide, passes the request on, meters the response. A request
 * whose key is cached goes to its upstream in the same turn.
 */
export class Gateway {
  readonly counters: GatewayCounters = {
    requests: 0,
    unrouted: 0,
    tooLarge: 0,
    refused: 0,
    upstreamFailures: 0,
    responseMetersMissing: 0,
  };

  readonly #gate: Gate;
  readonly #router: Router<BoundRoute>;
  readonly #routes: Routes;
  readonly #buildId: string | undefined;
  readonly #now: () => number;

  constructor({ gate, routes, fetchFor, buildId, now = Date.now }: GatewayOptions) {
    this.#gate = gate;
    this.#routes = routes;
    this.#buildId = buildId;
    this.#now = now;
    this.#router = new Router(
      routes.routes.map((route) => {
        const policyIndex = route.policy === undefined ? -1 : gate.policy(route.policy);
        const credentialHeader = gate.policies[policyIndex]?.authHeader ?? "authorization";
        const readsBody = route.responseMeters.some(({ kind }) => kind === "json");
        return { ...route, policyIndex, credentialHeader, fetch: fetchFor(route), readsBody };
      }),
    );
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
      await readOut(limited(body, 0, 2 * this.#routes.maxRequestBytes).done);
    }
    return response;
  }

  #serve(request: Request, context: BackgroundContext): Promise<Response> | Response {
    this.counters.requests++;
    const url = new URL(request.url);
    const match = this.#router.match(request.method, url.pathname);
    if (!("route" in match)) return this.#unrouted(request, url, match.allow);
    const { route } = match;
    if ((declaredLength(request.headers) ?? 0) > this.#routes.maxRequestBytes) return this.#tooLarge(request, url);
    const passage: Passage = { request, url, route, result: 0, quotaHeaders: "", context };
    if (route.policyIndex < 0) return this.#pass(passage);

    const now = this.#now();
    passage.result = this.#gate.check(route.policyIndex, request.headers.get(route.credentialHeader), now);
    if (passage.result !== 0) {
      passage.quotaHeaders = this.#gate.quotaHeaders(passage.result, route.policyIndex, now);
      return this.#decided(passage);
    }
    return this.#gate.settle(route.policyIndex, context).then(({ result, quotaHeaders }) => {
      passage.result = result;
      passage.quotaHeaders = quotaHeaders;
      return this.#decided(passage);
    });
  }

  #decided(passage: Passage): Promise<Response> | Response {
    return passage.result < 0 ? this.#refused(passage) : this.#pass(passage);
  }

  #refused({ request, url, route, result, quotaHeaders }: Passage): Response {
    this.counters.refused++;
    const now = this.#now();
    const { status, body } = this.#gate.problem(result, route.policyIndex, url.pathname, requestIdOf(request), now);
    const headers = new Headers({ "content-type": "application/problem+json", "cache-control": "no-store" });
    appendLines(headers, quotaHeaders);
    return new Response(body, { status, headers });
  }

  /** Sends the request to its upstream. */
  #pass(passage: Passage): Promise<Response> {
    const { request, route } = passage;
    const counted = request.body === null || declaredLength(request.headers) !== undefined;
    const most = this.#routes.maxRequestBytes;
    let bounded: LimitedBody | undefined;
    const failed = (error: unknown) =>
      bounded?.exceeded() === true ? this.#cutShort(passage, bounded.done) : this.#unreachable(passage, error);
    let response: Promise<Response>;
    try {
      if (!counted) bounded = limited(request.body as ReadableStream<Uint8Array>, most, most);
      response = route.fetch(this.#forwarded(passage, bounded?.body ?? request.body));
    } catch (error) {
      // A request that cannot be repeated to the upstream (TRACE, for one) has been let through all the same.
      return Promise.resolve(failed(error));
    }
    const sent = bounded?.done;
    if (sent === undefined) return response.then((answer) => this.#answered(passage, answer), failed);
    return response.then((answer) => readOut(sent).then(() => this.#answered(passage, answer)), failed);
  }

  #forwarded({ request, url, route, result }: Passage, body: ReadableStream<Uint8Array> | null): Request {
    return forwarded(request, {
      upstream: route.upstream,
      url,
      credentialHeader: route.policyIndex < 0 || route.forwardCredential ? undefined : route.credentialHeader,
      identity: result > 0 ? this.#gate.identity(result) : undefined,
      body,
    });
  }

  /** The response is there: meters it and hands it on. */
  #answered(passage: Passage, response: Response): Response {
    const { route, quotaHeaders } = passage;
    try {
      if (route.responseMeters.length > 0) return this.#metered(passage, response);
      const answer = quotaHeaders === "" ? response : altered(response, response.body, quotaHeaders, []);
      this.#finish(passage, response.status, "");
      return answer;
    } catch (error) {
      // What came is no response that could be handed on.
      return this.#unreachable(passage, error);
    }
  }

  /** Meters what stands in the response. */
  #metered(passage: Passage, response: Response): Response {
    const { route, context, quotaHeaders } = passage;
    const reading: MeterReading = { meters: {}, faults: [] };
    const { status, body } = response;
    // Only an answer that says success is expected to say what it used.
    const expected = response.ok;
    if (expected) readHeaders(route, response.headers, reading);
    const hidden = route.responseMeters.flatMap((source) => (source.kind === "header" ? [source.name] : []));
    if (!expected || !route.readsBody || body === null) {
      if (expected && route.readsBody) readBody(route, undefined, reading);
      const answer = altered(response, body, quotaHeaders, hidden);
      this.#finishReading(passage, status, reading);
      return answer;
    }
    let ended = false;
    const observed = observe(body, this.#routes.maxMeteredResponseBytes, (text) => {
      if (ended) return;
      ended = true;
      readBody(route, text, reading);
      this.#finishReading(passage, status, reading);
    });
    context.waitUntil(observed.done);
    return altered(response, observed.body, quotaHeaders, hidden);
  }

  #finishReading(passage: Passage, status: number, { meters, faults }: MeterReading): void {
    for (const { meter, reason } of faults) {
      this.counters.responseMetersMissing++;
      log("warn", "a response does not say what it used", { route: passage.route.path, meter, reason });
    }
    let state = "";
    for (const [meter, value] of Object.entries(meters)) {
      try {
        state = this.#gate.mergeMeters(state, "add", { [meter]: value });
      } catch (error) {
        this.counters.responseMetersMissing++;
        log("warn", "a meter of a response was refused", {
          route: passage.route.path,
          reason: (error as Error).message,
        });
      }
    }
    this.#finish(passage, status, state);
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
    return this.#problem(passage.request, passage.url, {
      status: 502,
      title: "Bad Gateway",
      code: "upstream_unreachable",
      detail: "The API behind this gateway could not be reached.",
    });
  }

  /** The request's body proved too long while it was passed on: nothing was served. */
  async #cutShort(passage: Passage, done: Promise<void>): Promise<Response> {
    const { request, url, result } = passage;
    passage.result = 0;
    if (result > 0) this.#gate.abandon(result);
    await done;
    return this.#tooLarge(request, url);
  }

  #tooLarge(request: Request, url: URL): Response {
    this.counters.tooLarge++;
    return this.#problem(request, url, {
      status: 413,
      title: "Content Too Large",
      code: "body_too_large",
      detail: `The body is longer than ${this.#routes.maxRequestBytes} bytes.`,
    });
  }

  #unrouted(request: Request, url: URL, allow: readonly string[]): Response {
    this.counters.unrouted++;
    if (allow.length === 0) {
      const detail = "There is no such path here.";
      return this.#problem(request, url, { status: 404, title: "Not Found", code: "route_not_found", detail });
    }
    return this.#problem(request, url, {
      status: 405,
      title: "Method Not Allowed",
      code: "method_not_allowed",
      detail: `This path takes ${allow.join(", ")}.`,
      headers: { allow: allow.join(", ") },
    });
  }

  #problem(
    request: Request,
    url: URL,
    parts: { status: number; title: string; code: string; detail: string; headers?: Record<string, string> },
  ): Response {
    const requestId = requestIdOf(request);
    return problem({ ...parts, instance: url.pathname, requestId, now: this.#now(), buildId: this.#buildId });
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

/** The response with headers of ours added and some taken away. */
function altered(
  response: Response,
  body: ReadableStream<Uint8Array> | null,
  lines: string,
  hidden: readonly string[],
): Response {
  const copy = new Response(body, response);
  for (const name of hidden) copy.headers.delete(name);
  appendLines(copy.headers, lines);
  return copy;
}

/** Adds lines `Name: value\n`; never overwrites. */
function appendLines(headers: Headers, lines: string): void {
  for (const line of lines.split("\n")) {
    const colon = line.indexOf(":");
    if (colon > 0) headers.append(line.slice(0, colon), line.slice(colon + 1).trim());
  }
}
