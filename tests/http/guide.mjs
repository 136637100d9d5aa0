// Runs a page of docs/guide/ as its readers do: every block of commands, one after another, in one shell.
//
//   ```sh              commands. What they print must be shown by the block of ```text or ```json right below; nothing,
//                      if there is none. Their last command must succeed. Standard error is not looked at.
//   ```sh serve        the commands that serve the stack, such as `TOLLGATE_CONFIG=my-api make run`
//   ```sh eventually   commands that are repeated until they print what is shown
//
// In what is shown, `…` stands for anything on its line, and a line of nothing else for any number of lines.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { freePort } from "../../scripts/stack/stack.mjs";

/** The address that the pages write, which is that of `make run`, and the port for a second stack. */
const SHOWN_URL = "http://127.0.0.1:8787";
const SHOWN_SPARE_PORT = "PORT=8788";
const BLOCK_MS = 60_000;
const EVENTUALLY_MS = 20_000;
const PAUSE_MS = 200;

/**
 * @typedef {object} Block
 * @property {string} language
 * @property {string | undefined} mark `serve`, `eventually` or none
 * @property {string} text
 * @property {number} line where it begins in the page
 * @property {boolean} follows whether nothing stands between it and the block above
 */

/** @returns {Block[]} */
export function blocksOf(page) {
  const blocks = [];
  let end = 0;
  for (const found of page.matchAll(/^```(\w+)(?: (\w+))?\n([\s\S]*?)^```$/gm)) {
    const [whole, language, mark, text] = found;
    const follows = blocks.length > 0 && page.slice(end, found.index).trim() === "";
    end = found.index + whole.length;
    blocks.push({ language, mark, text, line: page.slice(0, found.index).split("\n").length, follows });
  }
  return blocks;
}

/** Commands with what they print. */
export function stepsOf(page) {
  const blocks = blocksOf(page);
  return blocks.flatMap((block, at) => {
    if (block.language !== "sh") return [];
    const below = blocks[at + 1];
    const isShown = below?.follows && ["text", "json"].includes(below.language);
    return [{ ...block, shown: isShown ? below.text : "" }];
  });
}

/** Whether commands printed what the page shows. */
export function agrees(shown, printed) {
  const line = (text) => text.split("…").map(escaped).join("[^\n]*");
  const pattern = shown
    .split(/(?<=\n)/)
    .map((text) => (text.trim() === "…" ? "(?:[^\n]*\n)*?" : line(text)))
    .join("");
  return new RegExp(`^${pattern}$`).test(seen(printed));
}

/** What a reader sees of it: neither the line endings of HTTP nor whether the last line is ended. */
function seen(printed) {
  const text = printed.replaceAll("\r\n", "\n");
  return text === "" || text.endsWith("\n") ? text : `${text}\n`;
}

function escaped(text) {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

/**
 * Runs the steps of a page in `folder`; the first that fails throws.
 *
 * @param {(settings: Record<string, string>) => Promise<string>} serve starts the stack as the page says, answers its
 * URL
 * @returns how many steps there were
 */
export async function runGuide(page, folder, serve) {
  const shell = new Shell(folder);
  let url = SHOWN_URL;
  const sparePort = `PORT=${await freePort()}`;
  const here = (text) => text.replaceAll(SHOWN_URL, url).replaceAll(SHOWN_SPARE_PORT, sparePort);
  const steps = stepsOf(page);
  try {
    for (const { line, mark, text, shown } of steps) {
      if (mark === "serve") url = await serve(settingsOf(text));
      else await runStep(shell, { line, mark, text: here(text), shown: here(shown) });
    }
  } finally {
    shell.end();
  }
  return steps.length;
}

/** The variables in front of `make run`. */
function settingsOf(text) {
  const [, assignments] = /^((?:\w+=\S+ )*)make run$/m.exec(text) ?? [];
  if (assignments === undefined) throw new Error(`this block does not serve: ${text}`);
  return Object.fromEntries(
    assignments
      .trim()
      .split(" ")
      .filter(Boolean)
      .map((one) => one.split("=")),
  );
}

async function runStep(shell, { line, mark, text, shown }) {
  const until = Date.now() + (mark === "eventually" ? EVENTUALLY_MS : 0);
  for (;;) {
    const { status, printed, complained } = await shell.run(text);
    if (status === 0 && agrees(shown, printed)) return;
    if (Date.now() >= until) {
      throw new Error(
        `line ${line}: exit status ${status}\n${text}\nshown:\n${shown}\nprinted:\n${printed}${complained}`,
      );
    }
    await new Promise((done) => setTimeout(done, PAUSE_MS));
  }
}

/** A shell that keeps its variables from one script to the next. */
class Shell {
  #scratch = mkdtempSync(join(tmpdir(), "tollgate-guide-"));
  #child;
  #statuses;

  constructor(folder) {
    this.#child = spawn("bash", ["--noprofile", "--norc"], {
      cwd: folder,
      stdio: ["pipe", "pipe", "inherit"],
      detached: true,
    });
    this.#statuses = createInterface({ input: this.#child.stdout });
  }

  async run(script) {
    const file = (name) => join(this.#scratch, name);
    writeFileSync(file("script"), script);
    const answer = once(this.#statuses, "line", { signal: AbortSignal.timeout(BLOCK_MS) });
    // The shell's own output is kept for statuses: what the script prints goes to files.
    const quoted = (name) => `'${file(name)}'`;
    this.#child.stdin.write(`. ${quoted("script")} </dev/null >${quoted("out")} 2>${quoted("err")}; echo $?\n`);
    const [status] = await answer;
    return {
      status: Number(status),
      printed: readFileSync(file("out"), "utf8"),
      complained: readFileSync(file("err"), "utf8"),
    };
  }

  end() {
    this.#statuses.close();
    process.kill(-this.#child.pid, "SIGKILL");
    rmSync(this.#scratch, { recursive: true, force: true });
  }
}
