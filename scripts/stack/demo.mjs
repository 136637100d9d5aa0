// What `scripts/demo` does: the product as its users see it, and a comparison of what was sent with what was metered.

import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ControlPlane } from "./api.mjs";
import { PLAN, REQUESTS, subscribe } from "./catalog.mjs";
import { freePort, isReady, LOCAL_ADMIN_KEY, startStack } from "./stack.mjs";
import { bold, cyan, dim, fail, green, progress, red, table } from "./terminal.mjs";

const adminKey = process.env.TOLLGATE_ADMIN_KEY ?? LOCAL_ADMIN_KEY;
const GENERATED = [120, 80, 45];
const REFUSED = 3;

const running = `http://127.0.0.1:${process.env.PORT ?? 8787}`;
try {
  process.exitCode = (await tell()) ? 0 : 1;
} catch (error) {
  fail(error.message);
}

/** Against the stack that serves, or against one of its own. */
async function tell() {
  if (await isReady(running)) {
    await expectShipped(running);
    return demonstrate(running);
  }
  const state = mkdtempSync(join(tmpdir(), "tollgate-demo-"));
  progress(dim(`nothing serves at ${running}: starting a stack of its own, with a state that is thrown away …`));
  try {
    const stack = await startStack({ port: await freePort(), state, adminKey });
    try {
      return await demonstrate(stack.url);
    } finally {
      await stack.stop();
    }
  } finally {
    rmSync(state, { recursive: true, force: true });
  }
}

/** Refuses a stack that the demonstration does not fit, before anything is made there. */
async function expectShipped(url) {
  const elsewhere = "for one of its own: PORT=NUMBER scripts/demo, with a number at which nothing serves";
  const api = new ControlPlane(url, adminKey);
  const { status, body: plans } = await api.send("GET", "plans");
  if (status === 401) throw new Error(`the stack at ${url} has another admin key: TOLLGATE_ADMIN_KEY=… scripts/demo`);
  const { bucket } = await (await fetch(`${url}/healthz`)).json();
  const routes = [["/todos"], ["/generate", { method: "POST" }], ["/status/500"]];
  const answers = await Promise.all(routes.map(([path, init]) => fetch(`${url}${path}`, init)));
  const wantKeys = answers.every((answer) => answer.status === 403);
  const sells = plans.items?.some(({ key, status }) => key === PLAN && status === "active");
  if (bucket !== "working-copy" || !wantKeys || !sells) {
    throw new Error(`the stack at ${url} serves another configuration than the demo tells of; ${elsewhere}`);
  }
}

/** @returns whether all that was sent was metered, and nothing else */
async function demonstrate(url) {
  const api = new ControlPlane(url, adminKey);
  step(`A customer subscribes to the plan "${PLAN}": ${REQUESTS} requests a month, hard limit`);
  const customer = `demo-${randomBytes(4).toString("hex")}`;
  const { id, apiKey } = await subscribe(api, customer);
  const headers = { authorization: `Bearer ${apiKey.key}` };
  console.log(`  customer ${customer}, subscription ${id}, API key ${apiKey.key.slice(0, 8)}…`);

  const tokens = await generate(url, headers);
  step("A request that fails in the API is not charged");
  const failure = await fetch(`${url}/status/500`, { headers });
  console.log(`  GET /status/500  ${red(failure.status)}`);
  const { requests, refused } = await spend(url, headers);

  step("What was sent, and what the ledger has");
  const meteredRequests = await api.usageReaching("api_requests", id, requests);
  const meteredTokens = await api.usageReaching("tokens", id, tokens);
  const verdict = (sent, metered) => (sent === metered ? "equal" : "NOT EQUAL");
  console.log(
    table(
      ["", "sent", "metered", "refused", ""],
      [
        ["api_requests", requests, meteredRequests, refused, verdict(requests, meteredRequests)],
        ["tokens", tokens, meteredTokens, "–", verdict(tokens, meteredTokens)],
      ],
    ),
  );
  const exact = requests === REQUESTS && refused === REFUSED;
  const equal = exact && requests === meteredRequests && tokens === meteredTokens;
  const differs = "sent and metered differ, or the limit did not hold";
  console.log(`\n  ${equal ? green("sent = metered, and refused at the limit") : red(differs)}`);
  return equal;
}

/** @returns the tokens that the responses said were used */
async function generate(url, headers) {
  step("It generates text; the response says how many tokens that took");
  let tokens = 0;
  for (const wanted of GENERATED) {
    const body = JSON.stringify({ tokens: wanted });
    const response = await fetch(`${url}/generate`, { method: "POST", headers, body });
    if (response.status !== 200) throw new Error(`/generate answered ${response.status}: ${await response.text()}`);
    const { usage } = await response.json();
    console.log(`  POST /generate  ${green(response.status)}  ${usage.total_tokens} tokens`);
    tokens += usage.total_tokens;
  }
  return tokens;
}

/** @returns how many requests were served in all, and how many were refused in a row when the quota was spent */
async function spend(url, headers) {
  step("It asks for /todos until the quota is spent");
  let requests = GENERATED.length;
  let refusal;
  while (refusal === undefined && requests <= REQUESTS) {
    const response = await fetch(`${url}/todos`, { headers });
    if (response.status === 200) requests++;
    else refusal = { status: response.status, body: await response.json() };
  }
  console.log(`  GET /todos  ${green(200)}  × ${requests - GENERATED.length}`);
  console.log(`  GET /todos  ${red(refusal?.status ?? "no refusal")}`);
  if (refusal !== undefined) console.log(dim(indent(JSON.stringify(refusal.body, null, 2))));

  let refused = refusal?.status === 403 ? 1 : 0;
  while (refused > 0 && refused < REFUSED) {
    if ((await fetch(`${url}/todos`, { headers })).status === 403) refused++;
    else break;
  }
  return { requests, refused };
}

function step(text) {
  console.log(`\n${cyan("›")} ${bold(text)}`);
}

function indent(text) {
  return text.replaceAll(/^/gm, "  ");
}
