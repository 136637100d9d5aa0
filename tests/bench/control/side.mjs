import { Connections } from "./connections.mjs";

const BUCKET = "production";
/** Enough that workerd always has one that waits. */
const CONNECTIONS = 8;

/** One of the two Workers: requests to its API, and to its objects. */
export class Side {
  #server;
  #key = "";
  #connections;

  constructor(name, server) {
    this.name = name;
    this.#server = server;
    this.#connections = new Connections(server.ports[name], CONNECTIONS);
  }

  get cpu() {
    return this.#server.cpu();
  }

  use(key) {
    this.#key = key;
  }

  close() {
    this.#connections.close();
  }

  /** The bytes of a request to the API. */
  encode({ method, path, body }) {
    const text = body === undefined || typeof body === "string" ? body : JSON.stringify(body);
    const headers = { authorization: `Bearer ${this.#key}` };
    return this.#connections.encode(method, `/v3/metering/${BUCKET}/${path}`, headers, text);
  }

  ask(request) {
    return this.#connections.ask(this.encode(request));
  }

  /** The body of a successful answer. */
  async must(method, path, body) {
    const answer = await this.ask({ method, path, body });
    if (answer.status >= 300)
      throw new Error(`${this.name}: ${method} ${path} answered ${answer.status} ${answer.body}`);
    return answer.body === "" ? undefined : JSON.parse(answer.body);
  }

  run(encoded, onAnswer) {
    return this.#connections.run(encoded, onAnswer);
  }

  /** Calls a method of an object, the bucket unless a ledger is named. */
  async call(method, ...parameters) {
    return this.callObject(`BUCKET/${BUCKET}`, method, ...parameters);
  }

  callObject(object, method, ...parameters) {
    return this.post(`/bench/${object}/${method}`, parameters);
  }

  /** A request to the benchmark's own part of the Worker. */
  async post(path, parameters) {
    const request = this.#connections.encode("POST", path, {}, JSON.stringify(parameters));
    const { status, body } = await this.#connections.ask(request);
    if (status !== 200) throw new Error(`${this.name}: ${path}: ${body}`);
    return JSON.parse(body);
  }
}
