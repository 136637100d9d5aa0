// `make run` and `scripts/demo` with what their users get wrong: one sentence each, and nothing is left behind.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { ControlPlane } from "../../scripts/stack/api.mjs";
import { jsonFault } from "../../scripts/stack/json-fault.mjs";
import { LOCAL_ADMIN_KEY } from "../../scripts/stack/stack.mjs";
import { configuration, policy, scratchFolder, serve } from "./harness.mjs";
import { makeRun } from "./make-run.mjs";

const DEMO = fileURLToPath(new URL("../../scripts/demo", import.meta.url));
const POLICIES = [policy("mine", { meters: { api_requests: 1 } })];
const ROUTES = { routes: [{ path: "/mine", methods: ["GET"], upstream: "service:DEMO_UPSTREAM", policies: ["mine"] }] };

/** Of starts that come to nothing. */
const unused = scratchFolder();

/** The one line that is printed instead of a start. */
async function refusal(variables) {
  const { exited, said } = await makeRun({ TOLLGATE_STATE: unused, ...variables });
  assert.equal(await exited, 1, said.text);
  return said.text.replace(/^starting …\n/, "");
}

/** The processes that work with a state folder. */
function workingWith(state) {
  return readdirSync("/proc").filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(state);
    } catch {
      return false;
    }
  });
}

test("the key is shown with what it is; a second start on its state is told who holds that", async () => {
  const state = scratchFolder();
  const { child, exited, said, url } = await makeRun({ TOLLGATE_STATE: state });
  assert.match(said.text, /20 requests a month\.\n {2}Its API key, shown this once:\n\n {2}export KEY=tgk_/);
  assert.match(said.text, /scripts\/demo/);
  assert.match(said.text, /\/v3\/docs/);
  for (const taken of [{}, { PORT: new URL(url).port }]) {
    const told = await refusal({ TOLLGATE_STATE: state, ...taken });
    assert.match(told, new RegExp(`^error the state in ${state} is served by process ${child.pid}; .*TOLLGATE_STATE=`));
  }
  assert.match(
    await refusal({ PORT: new URL(url).port }),
    /^error port \d+ is taken; choose another: PORT=\d+ make run/,
  );
  child.kill("SIGINT");
  assert.equal(await exited, 0, said.text);
  assert.ok(!readFileSync(join(state, "stack.log")).includes(0));
});

test("when it is killed, nothing goes on serving, and its state is free again", async () => {
  const state = scratchFolder();
  const { child, exited } = await makeRun({ TOLLGATE_STATE: state });
  assert.notEqual(workingWith(state).length, 0);
  child.kill("SIGKILL");
  await exited;
  for (const until = Date.now() + 20_000; workingWith(state).length > 0 && Date.now() < until; ) await delay(100);
  assert.deepEqual(workingWith(state), []);
  const again = await makeRun({ TOLLGATE_STATE: state });
  again.child.kill("SIGTERM");
  assert.equal(await again.exited, 0, again.said.text);
});

test("SIGINT ends it when its requests have ended; twice, at once", async () => {
  let hold = true;
  const waiting = [];
  const upstream = await serve((_request, response) => {
    if (hold) waiting.push(response);
    else response.end();
  });
  const routes = [{ path: "/*", methods: ["GET"], upstream: upstream.url, policies: [] }];
  const variables = { TOLLGATE_STATE: scratchFolder(), TOLLGATE_CONFIG: configuration(POLICIES, { routes }) };
  const { child, exited, said, url } = await makeRun(variables);
  const answer = fetch(`${url}/slow`).catch(() => undefined);
  while (waiting.length === 0) await delay(20);
  let ended = false;
  exited.then(() => {
    ended = true;
  });
  child.kill("SIGINT");
  while (!said.text.includes("ending:")) await delay(5);
  await delay(1_500);
  assert.equal(ended, false, "it waits for the request that is under way");
  child.kill("SIGINT");
  await Promise.race([exited, delay(5_000)]);
  assert.ok(ended, said.text);
  hold = false;
  for (const response of waiting) response.end();
  await answer;
});

test("under another configuration the demo is not advertised, and makes nothing", async () => {
  const config = configuration(POLICIES, ROUTES);
  const { child, exited, said, url } = await makeRun({ TOLLGATE_STATE: scratchFolder(), TOLLGATE_CONFIG: config });
  assert.doesNotMatch(said.text, /scripts\/demo|\/…|\/todos/);
  const env = { ...process.env, NO_COLOR: "1", PORT: new URL(url).port };
  const told = await new Promise((done) =>
    execFile(DEMO, { env }, (error, stdout, stderr) => done([error, stdout + stderr])),
  );
  assert.equal(told[0].code, 1);
  assert.match(told[1], /^error the stack at .* serves another configuration than the demo tells of; .*\n$/);
  const { items } = await new ControlPlane(url, LOCAL_ADMIN_KEY).get("customers");
  assert.deepEqual(
    items.map(({ key }) => key),
    ["acme"],
  );
  child.kill("SIGINT");
  assert.equal(await exited, 0, said.text);
});

test("a configuration with a mistake is refused in one line that names the file and the place", async () => {
  const missing = join(unused, "nope");
  assert.match(await refusal({ TOLLGATE_CONFIG: missing }), /^error the configuration \S+nope is not a folder.*\n$/);
  assert.match(await refusal({ TOLLGATE_CONFIG: unused }), /^error the configuration \S+ has no policies\.json.*\n$/);
  const broken = configuration(POLICIES, ROUTES);
  writeFileSync(join(broken, "policies.json"), '[\n  { "name": "mine" "policyType": 1 }\n]\n');
  assert.equal(
    await refusal({ TOLLGATE_CONFIG: broken }),
    `error ${broken}/policies.json is not JSON: line 2, column 20: comma expected\n`,
  );
  const unknown = configuration(POLICIES, { ...ROUTES, bucket: "nowhere" });
  assert.ok((await refusal({ TOLLGATE_CONFIG: unknown })).startsWith(`error ${unknown}/routes.json: `));
  const negative = configuration([policy("mine", { meters: { api_requests: -1 } })], ROUTES);
  assert.ok(
    (await refusal({ TOLLGATE_CONFIG: negative })).startsWith(`error ${negative}/policies.json: policy "mine"`),
  );
});

test("where a text stops being JSON", () => {
  const faults = {
    "[{]": "line 1, column 3: property name expected",
    "[1,]": "line 1, column 4: value expected",
    '{"a": 1,\n "b" 2}': "line 2, column 6: colon expected",
    "[01]": "line 1, column 3: comma expected",
    "[1 2]": "line 1, column 4: comma expected",
    "[] x": "line 1, column 4: invalid symbol",
    "// a\n[]": "line 1, column 1: invalid comment token",
    "[{": "line 1, column 3: close brace expected",
  };
  for (const [text, fault] of Object.entries(faults)) assert.equal(jsonFault(text), fault, text);
  assert.equal(jsonFault(' [ -1.5e+3, "\\u00e4\\n", { "a": [null, true] } ]\n'), undefined);
});

const delay = (ms) => new Promise((done) => setTimeout(done, ms));
