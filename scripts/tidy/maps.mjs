// The rule about maps: a README.md names what stands beside it.

const MANIFESTS = new Set(["README.md", "CMakeLists.txt", "package.json", "package-lock.json", "tsconfig.json"]);

/** READMEs that are no maps of their folder: they go by subject, or are the package's. */
const BY_SUBJECT = new Set(["host-bindings/wasmtime/gateway", "js-shim"]);

const SOURCE = /\.(?:h|cpp)$/;

/** What a README names in code or as the target of a link; `*` stands for any characters. */
function namesIn(text) {
  const code = [...text.matchAll(/`([^`\n]+)`/g)].flatMap(([, words]) => words.split(/[\s,;]+/));
  const links = [...text.matchAll(/\]\(([^)#\s]+)[^)]*\)/g)].map(([, target]) => target);
  return [...code, ...links].filter((name) => !name.startsWith("..")).map((name) => name.split("/")[0]);
}

/** Whether a name of a README means an entry of its folder. A header stands for its source, too. */
function means(name, entry) {
  if (name === entry) return true;
  if (name.includes("*")) return new RegExp(`^${name.split("*").map(escaped).join(".*")}$`).test(entry);
  return SOURCE.test(name) && SOURCE.test(entry) && name.replace(SOURCE, "") === entry.replace(SOURCE, "");
}

function escaped(text) {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

export const maps = {
  name: "map",
  reason: "who comes to a folder reads its README.md, and finds no trace of what that leaves out",
  check: (files) =>
    files
      .filter(({ path }) => path.endsWith("/README.md"))
      .flatMap(({ path, text }) => {
        const folder = path.slice(0, -"/README.md".length);
        if (BY_SUBJECT.has(folder)) return [];
        const below = files.filter((file) => file.path.startsWith(`${folder}/`));
        const entries = new Set(below.map((file) => file.path.slice(folder.length + 1).split("/")[0]));
        const names = namesIn(text);
        return [...entries]
          .filter((entry) => !MANIFESTS.has(entry) && !names.some((name) => means(name, entry)))
          .map((entry) => ({ path, what: `does not name ${entry}` }));
      }),
  planted: { "src/a/README.md": "`b.h`, `../c.h`, [d](../d.h)", "src/a/c.h": "", "src/a/d.h": "" },
  bystanders: ["src/a/c.h", "src/a/d.h"],
  sound: {
    "src/a/README.md": "`b.h`, `new_*.cpp`, `run c`, [d](d/README.md#e), `f/`",
    "src/a/b.cpp": "",
    "src/a/new_x.cpp": "",
    "src/a/c": "",
    "src/a/d/README.md": "# d",
    "src/a/f/g.h": "",
  },
};
