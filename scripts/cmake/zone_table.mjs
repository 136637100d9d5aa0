// Makes the table of src/calendar/time_zone_table.h out of the compiled IANA database: zone_table.mjs PACKAGE OUT
//
// PACKAGE is the folder of the PyPI package tzdata: `zones` lists the names, `zoneinfo/NAME` is a TZif file (RFC 9636).
// Kept is the offset from UTC since 1970; zones and rules that agree on it are stored once. What this cannot express
// stops the build.

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const [packageFolder, out] = process.argv.slice(2);

/** The version-2 block of a TZif file: offsets in seconds, from when they are in force, and the rule that follows. */
function readZone(bytes) {
  const header = (at) => {
    assert.equal(bytes.toString("latin1", at, at + 4), "TZif");
    const [isUtc, isStandard, leaps, times, types, letters] = Array.from({ length: 6 }, (_, index) =>
      bytes.readUInt32BE(at + 20 + 4 * index),
    );
    return { isUtc, isStandard, leaps, times, types, letters };
  };
  const first = header(0);
  const second =
    44 + first.times * 5 + first.types * 6 + first.letters + first.leaps * 8 + first.isStandard + first.isUtc;
  assert.ok(bytes[4] >= 0x32, "a file of version 1 has no rule for the future");
  const { isUtc, isStandard, leaps, times, types, letters } = header(second);
  assert.equal(leaps, 0, "instants are counted without leap seconds");
  const timesAt = second + 44;
  const indicesAt = timesAt + times * 8;
  const typesAt = indicesAt + times;
  const footerAt = typesAt + types * 6 + letters + isStandard + isUtc;
  const offset = (index) => bytes.readInt32BE(typesAt + 6 * index);
  const changes = Array.from({ length: times }, (_, index) => ({
    from: Number(bytes.readBigInt64BE(timesAt + 8 * index)),
    offset: offset(bytes[indicesAt + index]),
  }));
  return { initial: offset(0), changes, rule: bytes.toString("latin1", footerAt).trim() };
}

/** Seconds of `[+-]hh[:mm[:ss]]`. */
function readSeconds(text) {
  const [, sign, ...parts] = /^([+-]?)(\d{1,3})(?::(\d\d))?(?::(\d\d))?$/.exec(text);
  const [hours, minutes = 0, seconds = 0] = parts.map((part) => Number(part ?? 0));
  return (sign === "-" ? -1 : 1) * (hours * 3600 + minutes * 60 + seconds);
}

/** `M3.5.0/1`: month, week, weekday, seconds after midnight. */
function readYearly(text) {
  const [, month, week, weekday, time] = /^M(\d+)\.(\d)\.(\d)(?:\/(.+))?$/.exec(text) ?? assert.fail(text);
  return { month, week, weekday, seconds: readSeconds(time ?? "2") };
}

/** A POSIX TZ string, whose offsets count westwards: `CET-1CEST,M3.5.0,M10.5.0/3`, or without a summer. */
function readRule(text) {
  const name = "(?:[A-Za-z]{3,}|<[^>]+>)";
  const offset = "[+-]?[\\d:]+";
  const pattern = new RegExp(`^${name}(${offset})(?:${name}(${offset})?,([^,]+),([^,]+))?$`);
  const [, standard, summer, start, end] = pattern.exec(text) ?? assert.fail(`no rule: ${text}`);
  const standardSeconds = -readSeconds(standard);
  if (start === undefined) return { standard: standardSeconds, summer: standardSeconds };
  const summerSeconds = summer === undefined ? standardSeconds + 3600 : -readSeconds(summer);
  return { standard: standardSeconds, summer: summerSeconds, start: readYearly(start), end: readYearly(end) };
}

/** A list without repetitions. */
class Pool {
  #indices = new Map();

  add(item) {
    if (!this.#indices.has(item)) this.#indices.set(item, this.#indices.size);
    return this.#indices.get(item);
  }
  get items() {
    return [...this.#indices.keys()];
  }
}

const changeTimes = [];
const changeOffsets = [];
const offsets = new Pool();
const rules = new Pool();
const histories = new Pool();
const firstChanges = new Map();

/** Changes of the offset since 1970, without those of the abbreviation alone. */
function changesSince1970({ initial, changes, rule }) {
  let current = initial;
  const kept = [];
  for (const [index, { from, offset }] of changes.entries()) {
    // A yearly rule begins at the last change, whatever that changes.
    const isLast = index === changes.length - 1 && readRule(rule).start !== undefined;
    if (from > 0 && (offset !== current || isLast)) kept.push({ from, offset });
    if (from <= 0) initial = offset;
    current = offset;
  }
  assert.ok(kept.every(({ from }) => from < 2 ** 32));
  return { initial, kept };
}

/** Stores a list of changes once; answers the place of its first. */
function placeOf(changes) {
  const text = JSON.stringify(changes);
  if (!firstChanges.has(text)) {
    firstChanges.set(text, changeTimes.length);
    changeTimes.push(...changes.map(({ from }) => from));
    changeOffsets.push(...changes.map(({ offset }) => offsets.add(offset)));
  }
  return firstChanges.get(text);
}

const yearlyCode = (yearly) =>
  yearly ? `{${yearly.month}, ${yearly.week}, ${yearly.weekday}, ${yearly.seconds}}` : "{}";

function historyOf(zone) {
  const { initial, kept } = changesSince1970(zone);
  const { standard, summer, start, end } = readRule(zone.rule);
  const rule = rules.add(`{${standard}, ${summer}, ${yearlyCode(start)}, ${yearlyCode(end)}}`);
  return histories.add(`{${placeOf(kept)}, ${kept.length}, ${offsets.add(initial)}, ${rule}}`);
}

// `Factory` stands for a clock that nobody has set.
const names = readFileSync(join(packageFolder, "zones"), "utf8").split("\n");
const zones = names
  .filter((name) => name !== "" && name !== "Factory")
  .sort()
  .map((name) => ({ name, history: historyOf(readZone(readFileSync(join(packageFolder, "zoneinfo", name)))) }));
assert.ok(zones.length > 400 && offsets.items.length < 256 && rules.items.length < 256 && changeTimes.length < 2 ** 16);

const version = /IANA_VERSION = "(\w+)"/.exec(readFileSync(join(packageFolder, "__init__.py"), "utf8"))[1];
const array = (type, name, items) => `constexpr ${type} ${name}[] = {\n${items.join(",\n")},\n};\n`;
writeFileSync(
  out,
  `// Made by scripts/cmake/zone_table.mjs of the IANA time zone database ${version}.
#include "calendar/time_zone_table.h"

namespace tollgate::zone_table {
namespace {

${array("std::uint32_t", "kChangeTimes", changeTimes)}
${array("std::uint8_t", "kChangeOffsets", changeOffsets)}
${array("std::int32_t", "kOffsets", offsets.items)}
${array("Rule", "kRules", rules.items)}
${array("History", "kHistories", histories.items)}
${array(
  "Name",
  "kNames",
  zones.map(({ name, history }) => `{"${name}", ${history}}`),
)}
}  // namespace

std::span<const std::uint32_t> change_times() { return kChangeTimes; }
std::span<const std::uint8_t> change_offsets() { return kChangeOffsets; }
std::span<const std::int32_t> offsets() { return kOffsets; }
std::span<const Rule> rules() { return kRules; }
std::span<const History> histories() { return kHistories; }
std::span<const Name> names() { return kNames; }

}  // namespace tollgate::zone_table
`,
);
