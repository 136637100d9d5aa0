// An API in plain Node behind Tollgate: no gateway, no framework.
//
//   TOLLGATE_URL=http://127.0.0.1:8787/v3/metering/working-copy TOLLGATE_KEY=tg_admin_local PORT=3000 \
//     node js-shim/examples/node-http.mjs

import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";
import { AllowedRequest, addMeters, attach, Gate, getSubscriptionData } from "tollgate";

/** A longer answer is no snapshot. */
const MAX_SNAPSHOT_CHARACTERS = 64 * 1024;

/** Snapshots from a control plane, and events to it. */
export function controlPlane(url, key) {
  const authorization = `Bearer ${key}`;
  return {
    snapshots: {
      async fetch(digest, signal) {
        const response = await fetch(`${url}/snapshots/${digest}`, { headers: { authorization }, signal });
        return { status: response.status, text: await boundedText(response) };
      },
    },
    events: {
      async send(batch) {
        const headers = { authorization, "content-type": "application/cloudevents-batch+json" };
        const response = await fetch(`${url}/events`, { method: "POST", headers, body: batch });
        if (!response.ok) throw new Error(`the control plane answered ${response.status}`);
      },
    },
  };
}

async function boundedText({ body }) {
  let text = "";
  for await (const piece of body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += piece;
    if (text.length > MAX_SNAPSHOT_CHARACTERS) throw new Error("the control plane's answer is too long");
  }
  return text;
}

/** Puts a policy in front of a request handler. */
function behind(gate, policyName, handler) {
  const policy = gate.policy(policyName);
  const { authHeader } = gate.policies[policy];
  return async (request, response) => {
    const now = Date.now();
    // Of a credential that came twice, Node's `headers` keep the first one only: this keeps both, and they are refused.
    const header = request.headersDistinct[authHeader]?.join(", ") ?? null;
    let result = gate.check(policy, header, now);
    let quotaHeaders = gate.quotaHeaders(result, policy, now);
    if (result === 0) ({ result, quotaHeaders } = await gate.settle(policy));
    // The client may have gone while its key was looked up: then there is nobody to serve, and nothing is owed.
    if (response.destroyed) {
      if (result > 0) gate.abandon(result);
      return;
    }

    for (const line of quotaHeaders.split("\n").filter(Boolean)) {
      const [name, value] = line.split(": ");
      response.appendHeader(name, value);
    }
    if (result < 0) {
      const { status, body } = gate.problem(result, policy, request.url, `req_${randomUUID()}`, now);
      response.writeHead(status, { "content-type": "application/problem+json" }).end(body);
      return;
    }
    const allowed = new AllowedRequest(gate, result);
    attach(request, allowed);
    response.once("close", () => {
      if (response.headersSent) allowed.finish(response.statusCode);
      else allowed.abandon();
    });
    try {
      await handler(request, response);
    } catch {
      if (!response.headersSent) response.writeHead(500);
      response.end();
    }
  };
}

/** What the API does: counts the words that it is sent. */
async function countWords(request, response) {
  let text = "";
  for await (const chunk of request) text += chunk;
  const words = text.split(/\s+/).filter(Boolean).length;
  addMeters(request, { tokens: words });
  const { plan } = getSubscriptionData(request);
  response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ words, plan: plan.key }));
}

/** A server that is not listening yet. */
export function createExample({ url, key }) {
  const policies = [
    {
      name: "words",
      policyType: "monetization-inbound",
      handler: {
        export: "MonetizationInboundPolicy",
        options: { meters: { api_requests: 1, tokens: 0 }, quotaHeaders: true },
      },
    },
  ];
  const gate = new Gate({
    policies,
    keyFormat: "tgk",
    ...controlPlane(url, key),
    onError: (_, what) => console.error(what),
  });
  const server = createServer(behind(gate, "words", countWords));
  // What was used is sent before the process ends.
  server.once("close", () => void gate.flush());
  return { gate, server };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { TOLLGATE_URL: url, TOLLGATE_KEY: key, PORT: port = "3000" } = process.env;
  const { server } = createExample({ url, key });
  server.listen(Number(port), "127.0.0.1", () => console.log(`http://127.0.0.1:${port}`));
  process.once("SIGINT", () => server.close());
}
