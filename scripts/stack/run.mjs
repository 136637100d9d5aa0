// What `scripts/run` does after setting up: serves until Ctrl-C.

import { connect } from "node:net";
import { join, relative } from "node:path";
import { ControlPlane } from "./api.mjs";
import { CUSTOMER, PLAN, REQUESTS } from "./catalog.mjs";
import { HOST, LOCAL_ADMIN_KEY, ROOT, StartError, startStack } from "./stack.mjs";
import { bold, cyan, dim, fail, green, progress, red } from "./terminal.mjs";

const port = Number(process.env.PORT ?? 8787);
if (!Number.isInteger(port) || port < 1 || port > 65535) fail(`PORT is ${process.env.PORT}: must be a port number`);
const state = process.env.TOLLGATE_STATE ?? join(ROOT, ".tollgate");
const adminKey = process.env.TOLLGATE_ADMIN_KEY ?? LOCAL_ADMIN_KEY;
const bucket = process.env.TOLLGATE_BUCKET;
const config = process.env.TOLLGATE_CONFIG;

if (await isTaken(port))
  fail(`port ${port} is taken; choose another: PORT=${port === 65535 ? 8788 : port + 1} make run`);

progress("starting …");
const stack = await startStack({
  port,
  state,
  adminKey,
  config,
  vars: bucket === undefined ? {} : { TOLLGATE_BUCKET: bucket },
}).catch((error) => fail(error instanceof StartError ? error.message : error.stack));
let ending = false;
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  process.on(signal, async () => {
    // Who asks twice does not want to wait.
    if (ending) return stack.crash();
    ending = true;
    progress("ending: no further request is served; what was used is delivered first (once more: at once) …");
    const left = await stack.stop({ progress: (text) => progress(dim(text)) });
    progress(left === undefined ? "stopped; the state is kept" : `${red("stopped, and left undelivered")}: ${left}`);
    process.exit(left === undefined ? 0 : 1);
  });
}
stack.exited.then(() => {
  if (!ending) fail(`${HOST} ended by itself; see ${stack.log}`);
});

await welcome();

async function welcome() {
  const shownAdminKey = adminKey === LOCAL_ADMIN_KEY ? adminKey : "$TOLLGATE_ADMIN_KEY";
  const admin = `-H "Authorization: Bearer ${shownAdminKey}"`;
  const plane = `${stack.url}/v3/metering/working-copy`;
  const say = (text = "") => console.log(text);

  say();
  say(`${green("●")} ${bold("Tollgate")} serves at ${cyan(stack.url)}   ${dim(`state: ${shown(state)}`)}`);
  say();
  const { items } = await new ControlPlane(stack.url, adminKey).get(`customers/${CUSTOMER}/subscriptions`);
  const subscription = `${plane}/subscriptions/${items[0]?.id}`;
  if (stack.seededKey !== undefined) {
    const caller = '-H "Authorization: Bearer $KEY"';
    say(
      `  The customer "${CUSTOMER}" has subscribed to the plan "${PLAN}": ${REQUESTS} requests a month.`,
      "  Its API key, shown this once:",
    );
    say();
    say(`  export KEY=${bold(stack.seededKey)}`);
    say();
    say(dim("  # let through, and metered; when the month's requests are spent: 403"));
    if (config === undefined) {
      say(`  curl -i ${stack.url}/todos ${caller}`);
      say(`  curl ${stack.url}/generate ${caller} -d '{"tokens": 120}'`);
    } else {
      say(`  curl -i ${stack.url}/… ${caller}`);
    }
    say();
    say(dim("  # what was used, and what is left"));
    say(`  curl ${subscription}/access ${admin}`);
  } else {
    const json = '-H "content-type: application/json"';
    const order = { plan: { key: PLAN }, customerKey: "me", timing: "immediate" };
    say(`  The API key of "${CUSTOMER}" was shown when it was made. A new customer gets a new one:`);
    say();
    say(`  curl ${plane}/customers ${admin} ${json} -d '{"key": "me", "name": "Me"}'`);
    say(`  curl ${plane}/subscriptions ${admin} ${json} -d '${JSON.stringify(order)}'`);
  }
  say();
  say(dim(`  The API: ${stack.url}/v3/docs    A quickstart: docs/guide/quickstart.md`));
  say(dim(`  The whole story: scripts/demo    Log: ${shown(stack.log)}    Ctrl-C ends it.`));
}

/** A path as it is shortest to write here. */
function shown(path) {
  const short = relative(process.cwd(), path);
  return short.startsWith("..") ? path : short;
}

function isTaken(port) {
  return new Promise((done) => {
    const socket = connect(port, "127.0.0.1");
    const end = (taken) => {
      socket.destroy();
      done(taken);
    };
    socket.once("connect", () => end(true));
    socket.once("error", () => end(false));
  });
}
