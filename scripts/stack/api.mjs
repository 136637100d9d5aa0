// The control plane's HTTP API, as far as the scripts and the HTTP tests use it.

/** A control plane that takes longer has failed. */
const ANSWER_MS = 30_000;

/** An answer that was not expected. */
class ApiError extends Error {
  constructor(method, path, status, body) {
    super(`${method} ${path} answered ${status}: ${typeof body === "string" ? body : JSON.stringify(body)}`);
    this.status = status;
    this.body = body;
  }
}

/** One bucket of a control plane. */
export class ControlPlane {
  /**
   * Looks at every exchange and throws where one is not as it should be; tests install one (tests/openapi/observe.mjs).
   */
  static observer = (_exchange) => {};

  constructor(url, key, bucket = "working-copy") {
    this.base = `${url}/v3/metering/${bucket}`;
    this.key = key;
  }

  /**
   * Sends a request and answers status and body, whatever they are. `undocumented`: the request is one that the API
   * takes although its document does not have it.
   */
  async send(method, path, body, headers = {}, { undocumented = false } = {}) {
    const given = { authorization: `Bearer ${this.key}`, ...headers };
    if (body !== undefined && given["content-type"] === undefined) given["content-type"] = "application/json";
    const text = body === undefined || typeof body === "string" ? body : JSON.stringify(body);
    const signal = AbortSignal.timeout(ANSWER_MS);
    const response = await fetch(`${this.base}/${path}`, { method, headers: given, body: text ?? null, signal });
    const answer = await response.text();
    const { status, headers: answered } = response;
    ControlPlane.observer({
      method,
      target: `/${path}`,
      requestHeaders: new Headers(given),
      requestBody: text,
      status,
      headers: answered,
      body: answer,
      undocumented,
    });
    const isJson = answered.get("content-type")?.includes("json") ?? false;
    return { status, headers: answered, body: isJson ? JSON.parse(answer) : answer };
  }

  /** The body of a successful answer. @throws {ApiError} */
  async #ask(method, path, body, headers) {
    const answer = await this.send(method, path, body, headers);
    if (answer.status >= 300) throw new ApiError(method, path, answer.status, answer.body);
    return answer.body;
  }

  get(path) {
    return this.#ask("GET", path);
  }

  post(path, body, headers) {
    return this.#ask("POST", path, body, headers);
  }

  /** What `path` names, or undefined. */
  async find(path) {
    const answer = await this.send("GET", path);
    if (answer.status === 404) return undefined;
    if (answer.status !== 200) throw new ApiError("GET", path, answer.status, answer.body);
    return answer.body;
  }

  /** What the ledger has for a subscription. */
  async usage(meter, subscriptionId) {
    const { data } = await this.post(`meters/${meter}/query`, { filterSubscription: [subscriptionId] });
    return data.reduce((sum, { value }) => sum + Number(value), 0);
  }

  /** Waits until the ledger has `expected`, at most `ms`; answers what it has. */
  async usageReaching(meter, subscriptionId, expected, ms = 15_000) {
    const until = Date.now() + ms;
    for (;;) {
      const used = await this.usage(meter, subscriptionId);
      if (used >= expected || Date.now() >= until) return used;
      await new Promise((done) => setTimeout(done, 100));
    }
  }
}
