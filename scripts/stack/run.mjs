// What `scripts/run` does after setting up: serves until Ctrl-C.

import { join, resolve } from "node:path";
import { ControlPlane } from "./api.mjs";
import { CUSTOMER, PLAN, REQUESTS } from "./catalog.mjs";
import { SHIPPED, shown } from "./configuration.mjs";
import { HOST, LOCAL_ADMIN_KEY, ROOT, StartError, startStack } from "./stack.mjs";
import { bold, cyan, dim, fail, green, progress, red } from "./terminal.mjs";

const port = Number(process.env.PORT ?? 8787);
if (!Number.isInteger(port) || port < 1 || port > 65535) fail(`PORT is ${process.env.PORT}: must be a port number`);
const state = process.env.TOLLGATE_STATE ?? join(ROOT, ".tollgate");
const adminKey = process.env.TOLLGATE_ADMIN_KEY ?? LOCAL_ADMIN_KEY;
const bucket = process.env.TOLLGATE_BUCKET;
const config = process.env.TOLLGATE_CONFIG || undefined;
const isShipped = (config === undefined || resolve(config) === SHIPPED) && bucket === undefined;

/** When a signal that is repeated is another one: make hands on the SIGTERM that its whole group was sent. */
const PATIENCE_MS = 1_000;

progress("starting …");
const stack = await startStack({
  port,
  state,
  adminKey,
  config,
  vars: bucket === undefined ? {} : { TOLLGATE_BUCKET: bucket },
}).catch((error) => fail(error instanceof StartError ? error.message : error.stack));
const plane = `${stack.url}/v3/metering/working-copy`;
/** By which signal the end began, and when. */
let ending;
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => end(signal));
stack.exited.then(() => {
  if (ending === undefined) fail(`${HOST} ended by itself; see ${shown(stack.log)}`);
});

await welcome();

async function end(signal) {
  if (ending !== undefined) return isAnother(signal) ? stack.crash() : undefined;
  ending = { signal, at: Date.now() };
  progress("ending: no further request is served; what was used is delivered first (once more: at once) …");
  const left = await stack.stop({ progress: (text) => progress(dim(text)) });
  progress(left === undefined ? "stopped; the state is kept" : `${red("stopped, and left undelivered")}: ${left}`);
  process.exit(left === undefined ? 0 : 1);
}

/** Whether a signal is from somebody who does not want to wait. A terminal sends one SIGINT for each Ctrl-C. */
function isAnother(signal) {
  return (signal === "SIGINT" && ending.signal === signal) || Date.now() - ending.at >= PATIENCE_MS;
}

async function welcome() {
  const shownAdminKey = adminKey === LOCAL_ADMIN_KEY ? adminKey : "$TOLLGATE_ADMIN_KEY";
  const admin = `-H "Authorization: Bearer ${shownAdminKey}"`;
  say();
  say(`${green("●")} ${bold("Tollgate")} serves at ${cyan(stack.url)}   ${dim(`state: ${shown(state)}`)}`);
  say();
  const { items } = await new ControlPlane(stack.url, adminKey).get(`customers/${CUSTOMER}/subscriptions`);
  if (stack.seededKey === undefined) sayHowToSubscribe(admin);
  else sayKey(stack.seededKey, `${plane}/subscriptions/${items[0]?.id}`, admin);
  say();
  say(dim(`  In a browser: ${stack.url}/v3/docs, the control plane's API (at / there is nothing)`));
  const quickstart = "A quickstart: docs/guide/quickstart.md";
  const story = isShipped ? "The whole story: scripts/demo" : "";
  say(dim(`  ${quickstart}    ${story}`.trimEnd()));
  say(dim(`  Log: ${shown(stack.log)}    Ctrl-C ends it.`));
}

function sayKey(key, subscription, admin) {
  const caller = '-H "Authorization: Bearer $KEY"';
  say(`  The customer "${CUSTOMER}" has subscribed to the plan "${PLAN}": ${REQUESTS} requests a month.`);
  say("  Its API key, shown this once:");
  say();
  say(`  export KEY=${bold(key)}`);
  say();
  if (isShipped) {
    say(dim("  # let through, and metered; when the month's requests are spent: 403"));
    say(`  curl -i ${stack.url}/todos ${caller}`);
    say(`  curl ${stack.url}/generate ${caller} -d '{"tokens": 120}'`);
  } else {
    say(dim(`  # it opens the routes of ${shown(join(config, "routes.json"))} whose policies meter what the plan has`));
  }
  say();
  say(dim("  # what was used, and what is left"));
  say(`  curl ${subscription}/access ${admin}`);
}

function sayHowToSubscribe(admin) {
  const json = '-H "content-type: application/json"';
  const order = { plan: { key: PLAN }, customerKey: "me", timing: "immediate" };
  say(`  The API key of "${CUSTOMER}" was shown when it was made. A new customer gets a new one:`);
  say();
  say(`  curl ${plane}/customers ${admin} ${json} -d '{"key": "me", "name": "Me"}'`);
  say(`  curl ${plane}/subscriptions ${admin} ${json} -d '${JSON.stringify(order)}'`);
}

function say(text = "") {
  console.log(text);
}
