import { connect } from "node:net";

/**
 * An HTTP client that costs little beside what it measures: connections that stay open, requests that were put into
 * bytes before, answers of which only status and length are read unless somebody wants them.
 */
export class Connections {
  #port;
  #sockets;

  constructor(port, count) {
    this.#port = port;
    this.#sockets = Array.from({ length: count }, () => new Connection(port));
  }

  /**
   * Sends every request, each connection one at a time. `onAnswer(index, status, head, body)`: bytes that it must not
   * keep.
   */
  async run(requests, onAnswer) {
    let next = 0;
    const work = async (socket) => {
      while (next < requests.length) {
        const index = next++;
        const { status, head, body } = await socket.ask(requests[index]);
        onAnswer(index, status, head, body);
      }
    };
    await Promise.all(this.#sockets.map(work));
  }

  /** One request, its answer as texts: `{status, etag, body}`. */
  async ask(bytes) {
    const { status, head, body } = await this.#sockets[0].ask(bytes);
    const etag = /\r\netag: (.*)\r\n/i.exec(head.toString("latin1"))?.[1] ?? "";
    return { status, etag, body: body.toString() };
  }

  close() {
    for (const socket of this.#sockets) socket.close();
  }

  /** The bytes of a request to this server. */
  encode(method, path, headers, body) {
    const lines = [`${method} ${path} HTTP/1.1`, `host: 127.0.0.1:${this.#port}`];
    for (const [name, value] of Object.entries(headers)) lines.push(`${name}: ${value}`);
    if (body !== undefined) lines.push("content-type: application/json", `content-length: ${Buffer.byteLength(body)}`);
    return Buffer.from(`${lines.join("\r\n")}\r\n\r\n${body ?? ""}`);
  }
}

const NOTHING = Buffer.alloc(0);
const HEAD_END = Buffer.from("\r\n\r\n");

class Connection {
  #socket;
  #received = NOTHING;
  #resolve;
  #reject;

  constructor(port) {
    this.#socket = connect({ port, host: "127.0.0.1", noDelay: true });
    this.#socket.on("data", (chunk) => this.#take(chunk));
    this.#socket.on("error", (error) => this.#reject?.(error));
    this.#socket.on("close", () => this.#reject?.(new Error("workerd closed the connection")));
  }

  ask(bytes) {
    return new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
      this.#socket.write(bytes);
    });
  }

  close() {
    this.#reject = undefined;
    this.#socket.destroy();
  }

  #take(chunk) {
    this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk]);
    const end = this.#received.indexOf(HEAD_END);
    if (end < 0) return;
    const head = this.#received.subarray(0, end + 2);
    const length = bodyLength(head);
    const start = end + HEAD_END.length;
    if (this.#received.length < start + length) return;
    const body = this.#received.subarray(start, start + length);
    this.#received = NOTHING;
    this.#resolve({ status: Number(head.latin1Slice(9, 12)), head, body });
  }
}

function bodyLength(head) {
  const text = head.latin1Slice();
  const found = /\r\ncontent-length: (\d+)/i.exec(text);
  if (found !== null) return Number(found[1]);
  if (/\r\ntransfer-encoding:/i.test(text)) throw new Error("an answer has no length");
  return 0;
}
