// The gateway on a real gate, for tests; upstreams are functions.

import { Gate } from "tollgate";
import { GatewayRules } from "tollgate/internal/gateway";
import { policies, snapshot, World } from "../js-shim/world.mjs";
import { load } from "./load.mjs";

const { Gateway } = await load("gateway/gateway.ts");

const POLICIES = policies({
  metered: { meters: { api_requests: 1 }, quotaHeaders: true },
  generate: { meters: { api_requests: 1, tokens: 0 } },
  keyed: { meters: { api_requests: 1 }, authHeader: "X-Api-Key", authScheme: "" },
});
export const UPSTREAM = "https://upstream.example/base";
/** A routes.json. */
export const ROUTES = {
  maxRequestBytes: 1000,
  maxMeteredResponseBytes: 200,
  routes: [
    { path: "/todos", methods: ["GET", "POST"], upstream: UPSTREAM, policies: ["metered"] },
    { path: "/open", methods: ["*"], upstream: UPSTREAM, policies: [] },
    { path: "/keyed", methods: ["GET"], upstream: UPSTREAM, policies: ["keyed"] },
    { path: "/keep", methods: ["GET"], upstream: UPSTREAM, policies: ["metered"], forwardCredential: true },
    {
      path: "/json",
      methods: ["POST"],
      upstream: UPSTREAM,
      policies: ["generate"],
      responseMeters: { tokens: "$.usage.total" },
    },
    {
      path: "/header",
      methods: ["POST"],
      upstream: UPSTREAM,
      policies: ["generate"],
      responseMeters: { tokens: "X-Tokens" },
    },
  ],
};

/** A gateway, and what can be asked of it and its upstream. */
export function setUp(
  answer = () => Response.json({ ok: true }),
  balances = { api_requests: 100, tokens: 100 },
  document = ROUTES,
) {
  const world = new World();
  world.set("k1", snapshot({}, balances));
  const gate = new Gate({ policies: POLICIES, ...world.options });
  const seen = [];
  const upstream = async (request) => {
    seen.push(request);
    return answer(request);
  };
  const rules = new GatewayRules(JSON.stringify(document), gate.policies);
  const gateway = new Gateway({ gate, rules, fetchFor: () => upstream, buildId: "b1", now: () => world.now });
  const works = [];
  const context = { waitUntil: (work) => works.push(work) };
  const ask = async (path, { key = "Bearer k1", ...init } = {}) => {
    const headers = new Headers(init.headers);
    if (key !== null) headers.set("authorization", key);
    const duplex = init.body instanceof ReadableStream ? { duplex: "half" } : {};
    const request = new Request(`http://gateway.example${path}`, { ...init, ...duplex, headers });
    const response = await gateway.serve(request, context);
    return { status: response.status, headers: response.headers, text: await response.text() };
  };
  const metered = async () => {
    await gate.flush();
    const totals = {};
    for (const { type, data } of world.sent) totals[type] = (totals[type] ?? 0) + data.total;
    return totals;
  };
  return { world, gate, rules, gateway, seen, ask, metered, works, context };
}
