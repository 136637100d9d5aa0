// A stack of one's own for a test file: fresh state, a free port, gone afterwards.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { ControlPlane } from "../../scripts/stack/api.mjs";
import { freePort, LOCAL_ADMIN_KEY, startStack } from "../../scripts/stack/stack.mjs";
// Every exchange with the control plane is held against docs/openapi.yaml.
import "../openapi/observe.mjs";

/** A folder that is gone when the tests of the file, and all that they started, have ended. */
export function scratchFolder() {
  const folder = mkdtempSync(join(tmpdir(), "tollgate-http-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Starts a stack; it is stopped after the tests of the file. */
export async function start(options = {}) {
  const stack = await startStack({ port: await freePort(), state: scratchFolder(), ...options });
  after(() => stack.stop({ patienceMs: 0 }));
  return { stack, url: stack.url, api: new ControlPlane(stack.url, options.adminKey ?? LOCAL_ADMIN_KEY) };
}

/** A folder with a configuration, for the option `config`. */
export function configuration(policies, routes) {
  const folder = scratchFolder();
  writeFileSync(join(folder, "policies.json"), JSON.stringify(policies));
  writeFileSync(join(folder, "routes.json"), JSON.stringify(routes));
  return folder;
}

/** One entry of a policies.json. */
export function policy(name, options) {
  return { name, policyType: "monetization-inbound", handler: { export: "MonetizationInboundPolicy", options } };
}

/** An HTTP server at a free port, closed after the tests of the file. */
export async function serve(handler) {
  const server = createServer(handler);
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  after(() => {
    server.closeAllConnections();
    return new Promise((done) => server.close(done));
  });
  return { server, url: `http://127.0.0.1:${server.address().port}` };
}

/** A caller with an API key. */
export function caller(url, key) {
  return async (path, init = {}) => {
    const headers = { authorization: `Bearer ${key}`, ...init.headers };
    const signal = AbortSignal.timeout(30_000);
    const response = await fetch(`${url}${path}`, { redirect: "manual", signal, ...init, headers });
    const text = await response.text();
    const isJson = response.headers.get("content-type")?.includes("json") ?? false;
    return {
      status: response.status,
      headers: response.headers,
      text,
      body: isJson && text !== "" ? JSON.parse(text) : undefined,
    };
  };
}

/** Sends bytes as they are and answers what comes back until the connection closes or falls silent. */
export function raw(url, bytes) {
  const { hostname, port } = new URL(url);
  return new Promise((done, failed) => {
    const socket = connect(Number(port), hostname);
    let answer = "";
    socket.setTimeout(20_000, () => socket.destroy());
    socket.on("data", (chunk) => {
      answer += chunk.toString("latin1");
      socket.setTimeout(150);
    });
    socket.on("close", () => {
      const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1] ?? 0);
      done({ status, body: answer.slice(answer.indexOf("\r\n\r\n") + 4), answer });
    });
    // A server that has answered need not read the rest.
    socket.on("error", (error) => (answer === "" ? failed(error) : socket.destroy()));
    socket.write(bytes, "latin1");
  });
}

/** Waits as long as a gateway may take to see that the test clock was moved: it looks at it once a second. */
export function clockSeen() {
  return new Promise((done) => setTimeout(done, 1_100));
}

/** Text of a request whose head is written by hand. */
export function head(lines) {
  return `${lines.join("\r\n")}\r\n\r\n`;
}
