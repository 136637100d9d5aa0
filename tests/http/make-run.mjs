// `make run` as its users see it, without setup and build.

import { spawn } from "node:child_process";
import { after } from "node:test";
import { fileURLToPath } from "node:url";
import { freePort, isReady } from "../../scripts/stack/stack.mjs";

const RUN = fileURLToPath(new URL("../../scripts/stack/run.mjs", import.meta.url));

/** Starts it with variables and waits until it serves, or has ended. */
export async function makeRun(variables) {
  const { child, exited, said } = start(RUN, { PORT: String(await freePort()), ...variables });
  const url = `http://127.0.0.1:${said.port}`;
  let ended = false;
  exited.then(() => {
    ended = true;
  });
  // It listens to signals before it says so.
  while (!ended && !(said.text.includes("Ctrl-C ends it") && (await isReady(url)))) await delay(50);
  return { url, child, exited, said };
}

function start(script, variables) {
  const env = { ...process.env, NO_COLOR: "1", ...variables };
  const child = spawn(process.execPath, [script], { env, stdio: ["ignore", "pipe", "pipe"] });
  const said = { text: "", port: env.PORT };
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (said.text += chunk));
  // What it has printed is complete only when it is closed.
  const exited = new Promise((done) => child.once("close", done));
  after(() => child.kill("SIGKILL"));
  return { child, exited, said };
}

const delay = (ms) => new Promise((done) => setTimeout(done, ms));
