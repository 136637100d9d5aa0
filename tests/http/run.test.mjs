// `make run` and `scripts/demo` with what their users get wrong: one sentence each, and nothing is left behind.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { ControlPlane } from "../../scripts/stack/api.mjs";
import { jsonFault } from "../../scripts/stack/json-fault.mjs";
import { HOST, LOCAL_ADMIN_KEY } from "../../scripts/stack/stack.mjs";
import { configuration, policy, scratchFolder } from "./harness.mjs";
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

test("SIGINT twice ends it at once", { skip: HOST === "wasmtime" && "it ends as fast by itself" }, async () => {
  const { child, exited, said } = await makeRun({ TOLLGATE_STATE: scratchFolder() });
  child.kill("SIGINT");
  while (!said.text.includes("ending:")) await delay(5);
  child.kill("SIGINT");
  await exited;
  assert.match(said.text, /stopped/);
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
    `error ${broken}/policies.json is not JSON: line 2, column 20: "," or "}" is expected\n`,
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
    "[{]": 'line 1, column 3: a name in "" is expected',
    "[1,]": "line 1, column 4: a value is expected",
    '{"a": 1,\n "b" 2}': 'line 2, column 6: ":" is expected',
    "[01]": "line 1, column 2: a value is expected",
    "[1 2]": 'line 1, column 4: "," or "]" is expected',
    "[] x": "line 1, column 4: nothing more is expected",
    '["a\n"]': "line 1, column 2: a string that ends on its line is expected",
  };
  for (const [text, fault] of Object.entries(faults)) {
    assert.throws(() => JSON.parse(text));
    assert.equal(jsonFault(text), fault, text);
  }
  for (const text of ["{}", ' [ -1.5e+3, "\\u00e4\\n", { "a": [null, true] } ]\n', "0", '""']) {
    JSON.parse(text);
    assert.equal(jsonFault(text), undefined, text);
  }
});

const delay = (ms) => new Promise((done) => setTimeout(done, ms));
