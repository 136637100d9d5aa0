// docs/guide/: every page works by copy and paste, each on a stack of its own that has just been started.

import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { ROOT } from "../../scripts/stack/stack.mjs";
import { agrees, blocksOf, runGuide, stepsOf } from "./guide.mjs";
import { scratchFolder, start } from "./harness.mjs";

const GUIDES = join(ROOT, "docs/guide");
const scraps = scratchFolder();
const pages = readdirSync(GUIDES).filter((name) => name.endsWith(".md") && name !== "README.md");

for (const name of pages) {
  test(`${name}: what it shows is what its commands print`, async () => {
    const page = readFileSync(join(GUIDES, name), "utf8");
    const folder = folderOf(name, page);
    const serve = async ({ TOLLGATE_CONFIG }) => {
      const config = TOLLGATE_CONFIG === undefined ? undefined : join(folder, TOLLGATE_CONFIG);
      return (await start({ config })).url;
    };
    assert.ok((await runGuide(page, folder, serve)) > 0);
  });
}

test("every block that shows an answer stands right below the commands that get it", () => {
  for (const name of pages) {
    const page = readFileSync(join(GUIDES, name), "utf8");
    const answers = blocksOf(page).filter(({ language }) => language === "text" || language === "json");
    assert.equal(answers.length, stepsOf(page).filter(({ shown }) => shown !== "").length, name);
  }
});

test("every page is named at the door of the guide", () => {
  const door = readFileSync(join(GUIDES, "README.md"), "utf8");
  for (const name of pages) assert.ok(door.includes(`](${name})`), name);
});

test("links of the README and of the documentation lead somewhere", () => {
  const sources = ["README.md", ...readdirSync(join(ROOT, "docs"), { recursive: true }).map((name) => `docs/${name}`)];
  for (const source of sources.filter((name) => name.endsWith(".md"))) {
    const text = readFileSync(join(ROOT, source), "utf8");
    for (const [, target] of text.matchAll(/\]\((?!https?:)([^)\s]+)\)/g)) {
      const [path, anchor] = target.split("#");
      const file = path === "" ? join(ROOT, source) : join(ROOT, dirname(source), path);
      assert.ok(existsSync(file), `${source}: ${target}`);
      if (anchor !== undefined)
        assert.ok(anchorsOf(readFileSync(file, "utf8")).includes(anchor), `${source}: ${target}`);
    }
  }
});

test("a page that shows something else than its commands print fails, and says where", async () => {
  const wrong = (shown) => runGuide(`# A\n\n\`\`\`sh\nN=$((N + 1)); echo "$N one"\n\`\`\`\n${shown}`, ROOT);
  assert.equal(await wrong("\n```text\n1 …\n```\n"), 1);
  await assert.rejects(
    wrong("\n```text\n2 one\n```\n"),
    /line 3: exit status 0[\s\S]*shown:\n2 one\n[\s\S]*printed:\n1 one\n/,
  );
  await assert.rejects(wrong(""), /line 3/);
  await assert.rejects(runGuide("```sh\nfalse\n```\n", ROOT), /line 1: exit status 1/);
  assert.equal(await runGuide("```sh\nA=1\n```\n\n```sh eventually\necho $((A++))\n```\n\n```text\n3\n```\n", ROOT), 2);
});

test("what is shown may leave out ends of lines and whole lines", () => {
  assert.ok(agrees('{\n  "id": "…",\n  …\n}\n', '{\n  "id": "01K",\n  "a": 1,\n  "b": 2\n}\n'));
  assert.ok(!agrees('{\n  "id": "…",\n}\n', '{\n  "id": "01K",\n  "a": 1\n}\n'));
  assert.ok(!agrees("a.c\n", "abc\n"));
  assert.equal(
    stepsOf("```sh\na\n```\n\n```json\n{}\n```\n\n```sh\nb\n```\nanswers\n```text\nc\n```\n").at(1).shown,
    "",
  );
});

/** What GitHub makes of the headings of a page. */
function anchorsOf(text) {
  const headings = [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading]) => heading.toLowerCase());
  return headings.map((heading) => heading.replaceAll(/[^\p{L}\p{N} _-]/gu, "").replaceAll(" ", "-"));
}

/** Where a page is read: the checkout, or something that looks like it where the page makes files to serve. */
function folderOf(name, page) {
  if (!stepsOf(page).some(({ mark }) => mark === "serve")) return ROOT;
  const folder = join(scraps, name);
  mkdirSync(folder);
  for (const entry of readdirSync(ROOT)) symlinkSync(join(ROOT, entry), join(folder, entry));
  return folder;
}
