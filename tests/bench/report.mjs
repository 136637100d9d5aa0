// Tables for people, in Markdown, which reads well enough on a terminal too.

import { peerOf } from "./goals.mjs";
import { median } from "./statistics.mjs";

/** Peers that other rows are shown as a multiple of, by row. */
const PEERS = {
  P1: ["strongest", "idiomatic", "parse"],
  P2: ["cedar-wasm", "casbin"],
  P3: ["JSON.parse"],
  P8: ["plain"],
  P9: ["plain"],
  P10: ["decimal.js"],
  P11: ["10 keys"],
};

/** What is measured of a warm decision when the drain of the outbox counts too. */
export const DRAINED = "warm, drained";

/** Rows whose groups repeat contenders; each is shown where it comes first, peers of its own group beside it. */
const VARIANTS = new Set(["P1"]);

const TITLES = {
  P1: "P1, warm decision: check and finish of a request whose key is cached",
  P2: "P2, the same beside policy engines",
  P3: "P3, cold: a snapshot's text copied in, decoded, cached, decided",
  P4: "P4, size of the edge module",
  P5: "P5, start",
  P8: "P8, ledger ingest: batches of 100 events",
  P9: "P9, requests to the control plane",
  P9L: "P9L, large buckets: 100,000 subscriptions with ten keys each",
  P10: "P10, rating: from the text of a usage to the text of its total",
  P11: "P11, growth: warm decision by the number of known keys",
  P7: "P7, warm decision in C++ hosts",
};

/** The tables of these measurements, row by row, and the goals. */
export function tablesOf(measurements, verdicts) {
  const rows = [...new Set(measurements.map(({ row }) => row))].sort((a, b) => numberOf(a) - numberOf(b));
  return rows
    .map((row) => {
      const mine = measurements.filter((one) => one.row === row);
      const parts = [`## ${TITLES[row]}`, ...tablesOfRow(row, mine)];
      const goals = verdicts.filter((one) => one.row === row);
      if (goals.length > 0) parts.push(goalTable(goals));
      return parts.join("\n\n");
    })
    .join("\n\n");
}

const numberOf = (row) => Number.parseInt(row.slice(1), 10);

function tablesOfRow(row, measurements) {
  const peers = PEERS[row] ?? [];
  const hosts = [...new Set(measurements.map(({ host }) => host))];
  return hosts.map((host) => {
    const mine = measurements.filter((one) => one.host === host);
    const shown = mine.filter(({ what, group, contender }, i) => {
      const first = mine.findIndex((other) => other.contender === contender && other.what === what);
      const repeated = VARIANTS.has(row) && first < i && (peers.includes(contender) || group === "main");
      return what !== DRAINED && !repeated;
    });
    const withDrain = mine.some(({ what }) => what === DRAINED);
    const header = [host, "measured", "median", "spread", ...peers.map((peer) => `× ${peer}`)];
    if (withDrain) header.push("with draining");
    const lines = shown.map((one) => {
      const cells = [one.contender, one.what, show(median(one.samples), one.unit), spread(one)];
      cells.push(...peers.map((peer) => ratio(one, peerOf(one, peer, mine))));
      if (withDrain) cells.push(drained(one, mine));
      return cells;
    });
    return table(header, lines);
  });
}

function drained(one, measurements) {
  if (one.what !== "warm") return "";
  const found = measurements.find(
    ({ what, contender, group }) => what === DRAINED && contender === one.contender && group === one.group,
  );
  return found === undefined ? "" : show(median(found.samples), found.unit);
}

function goalTable(verdicts) {
  const lines = verdicts.map(({ host, contender, what, peer, unit, goal, measured, met }) => {
    const value = (number) => (peer === undefined ? show(number, unit) : `${number.toPrecision(2)} × ${peer}`);
    return [host, `${contender}: ${what}`, `≤ ${value(goal)}`, value(measured), met ? "met" : "NOT met"];
  });
  return table(["host", "goal for", "goal", "measured", ""], lines);
}

function spread({ samples, unit }) {
  return samples.length < 2 ? "" : `${show(Math.min(...samples), unit)} – ${show(Math.max(...samples), unit)}`;
}

function ratio(one, peer) {
  if (peer === undefined) return "";
  return (median(one.samples) / median(peer.samples)).toPrecision(2);
}

const NS_PER = { ms: 1e6, µs: 1e3, ns: 1 };

function show(value, unit) {
  if (unit !== "ns") return `${Math.round(value).toLocaleString("en")} ${unit}`;
  const [name, size] = Object.entries(NS_PER).find(([, length]) => value >= 10 * length) ?? ["ns", 1];
  return `${(value / size).toLocaleString("en", { maximumSignificantDigits: 3 })} ${name}`;
}

function table(header, lines) {
  const widths = header.map((_, i) => Math.max(...[header, ...lines].map((cells) => cells[i].length)));
  const line = (cells) => `| ${cells.map((cell, i) => cell.padEnd(widths[i])).join(" | ")} |`;
  return [line(header), line(widths.map((width) => "-".repeat(width))), ...lines.map(line)].join("\n");
}
