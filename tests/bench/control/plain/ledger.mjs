import { DurableObject } from "cloudflare:workers";

const decoder = new TextDecoder();
const MINUTE = 60_000;
const GRAINS = [1, 60, 1440];
const MOST_AGE = 35 * 24 * 3600 * 1000;
const MOST_AHEAD = 24 * 3600 * 1000;

const DEDUPE =
  "SELECT k.key, e.type, e.subject, e.time_ms, e.time_given, e.data FROM json_each(?) AS k CROSS JOIN events " +
  "AS e" +
  " WHERE e.source = k.value ->> 0 AND e.id = k.value ->> 1";
const INSERT =
  "INSERT INTO events SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5," +
  " value ->> 6 FROM json_each(?)";
const STORED =
  "SELECT k.key, r.count, r.sum, r.min, r.max, r.latest, r.latest_ms, r.latest_id, r.latest_source" +
  " FROM json_each(?) AS k CROSS JOIN rollups AS r" +
  " WHERE r.measure = k.value ->> 0 AND r.grain_minutes = k.value ->> 1 AND r.start_ms = k.value ->> 2" +
  " AND r.subject = k.value ->> 3 AND r.dimensions = k.value ->> 4";
const WRITE =
  "INSERT OR REPLACE INTO rollups SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4," +
  " value ->> 5, value ->> 6, value ->> 7, value ->> 8, value ->> 9, value ->> 10, value ->> 11, value ->> 12" +
  " FROM json_each(?)";
const SENDERS =
  "SELECT k.key, s.totals FROM json_each(?) AS k CROSS JOIN senders AS s WHERE s.instance = k.value ->> 0";
const NOTE =
  "INSERT INTO senders (instance, totals, received_ms) SELECT value ->> 0, value ->> 1, value ->> 2" +
  " FROM json_each(?) WHERE true ON CONFLICT (instance) DO UPDATE SET totals = excluded.totals," +
  " received_ms = max(received_ms, excluded.received_ms)";

/**
 * A ledger that knows meters of the kinds COUNT and SUM without dimensions, and only whole numbers, which it adds up as
 * JavaScript does.
 */
export class PlainLedger extends DurableObject {
  async ask(object, _path, body, now) {
    const { events, meters } = JSON.parse(decoder.decode(body));
    const subscription = object.slice(object.indexOf("/") + 1);
    const { storage } = this.ctx;
    let answer;
    try {
      storage.transactionSync(() => {
        for (const event of events) check(event, subscription, now);
        answer = ingest(storage.sql, events, meters, now);
      });
    } catch (error) {
      return { status: 400, body: JSON.stringify({ detail: String(error) }) };
    }
    return { status: 200, body: JSON.stringify(answer) };
  }
}

const ATTRIBUTES = new Set([
  "specversion",
  "id",
  "source",
  "type",
  "subject",
  "subscription",
  "time",
  "data",
  "datacontenttype",
]);

function check(event, subscription, now) {
  for (const name of ["id", "source", "type", "subject", "subscription"]) {
    const value = event[name];
    if (typeof value !== "string" || value.length < 1 || value.length > 256) throw new Error(`${name} is not a text`);
  }
  if (event.specversion !== "1.0") throw new Error("specversion is not 1.0");
  if (event.subscription !== subscription) throw new Error("wrong ledger");
  for (const name of Object.keys(event)) if (!ATTRIBUTES.has(name)) throw new Error(`${name} is not known`);
  if (event.time === undefined) return;
  event.at = Date.parse(event.time);
  if (!(event.at >= now - MOST_AGE && event.at <= now + MOST_AHEAD)) throw new Error("the time is not near");
}

function ingest(sql, events, meters, now) {
  const measures = knownMeasures(sql, meters);
  const seen = new Map();
  const distinct = [];
  let duplicates = 0;
  const conflicts = [];
  const compare = (event, known) => {
    const agree = event.type === known.type && event.subject === known.subject && event.at === known.at;
    if (agree && event.text === known.text) duplicates++;
    else conflicts.push({ source: event.source, id: event.id });
  };
  for (const event of events) {
    event.text = canonical(event.data);
    const name = `${event.source}\n${event.id}`;
    const first = seen.get(name);
    if (first !== undefined) compare(event, first);
    else {
      seen.set(name, event);
      distinct.push(event);
    }
  }
  const names = JSON.stringify(distinct.map(({ source, id }) => [source, id]));
  for (const row of sql.exec(DEDUPE, names).toArray()) {
    const event = distinct[row.key];
    event.known = true;
    const at = row.time_given === 1 ? row.time_ms : undefined;
    compare(event, { type: row.type, subject: row.subject, at, text: row.data });
  }
  const accepted = distinct.filter(({ known }) => known !== true);
  if (accepted.length > 0) {
    const rows = accepted.map((event) => {
      const { source, id, type, subject, at, text } = event;
      return [source, id, type, subject, at ?? now, at === undefined ? 0 : 1, text];
    });
    sql.exec(INSERT, JSON.stringify(rows));
    rollUp(sql, accepted, measures, now);
    noteSenders(sql, accepted, now);
  }
  return { accepted: accepted.length, duplicates, conflicts };
}

/** What every edge instance has sent by now. Here every one has been there from the beginning. */
function noteSenders(sql, accepted, now) {
  const senders = new Map();
  for (const { source, id, type, data } of accepted) {
    const [, instance] = /^([0-9A-HJKMNP-TV-Z]{26})-[0-9]+$/.exec(id) ?? [];
    if (source !== "monetization-policy" || instance === undefined) continue;
    if (!senders.has(instance)) senders.set(instance, {});
    const added = senders.get(instance);
    added[type] = (added[type] ?? 0) + data.total;
  }
  if (senders.size === 0) return;
  const names = [...senders.keys()].sort();
  const known = sql.exec(SENDERS, JSON.stringify(names.map((name) => [name]))).toArray();
  if (known.length < names.length) throw new Error("new sender");
  const rows = known.map(({ key, totals }) => {
    const all = JSON.parse(totals);
    for (const [type, total] of Object.entries(senders.get(names[key]))) all[type] = (all[type] ?? 0) + total;
    const sorted = Object.fromEntries(Object.entries(all).sort(([a], [b]) => (a < b ? -1 : 1)));
    return [names[key], JSON.stringify(sorted), now];
  });
  sql.exec(NOTE, JSON.stringify(rows));
}

/** With its members in order. */
function canonical(value) {
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  const members = Object.keys(value).sort();
  return `{${members.map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`).join()}}`;
}

/** Those that the ledger has, by event type. Here every meter has been there from the beginning. */
function knownMeasures(sql, meters) {
  const measures = sql
    .exec("SELECT key, definition FROM measures ORDER BY key")
    .toArray()
    .map(({ key, definition }) => ({ key, ...JSON.parse(definition) }));
  for (const { eventType, aggregation } of meters) {
    const kind = aggregation === "COUNT" ? "count" : "number";
    if (!measures.some((known) => known.eventType === eventType && known.kind === kind)) throw new Error("new meter");
  }
  return measures;
}

function rollUp(sql, accepted, measures, now) {
  const rollups = new Map();
  for (const { key, eventType, kind, valuePath } of measures) {
    const member = valuePath.slice(2);
    for (const { type, subject, data, at = now } of accepted) {
      if (type !== eventType) continue;
      const value = kind === "count" ? null : data[member];
      if (kind !== "count" && !(Number.isSafeInteger(value) && value >= 0)) throw new Error("no whole number");
      for (const grain of GRAINS) add(rollups, key, grain, at, subject, value);
    }
  }
  const all = [...rollups.values()];
  const keys = JSON.stringify(all.map(({ key, grain, start, subject }) => [key, grain, start, subject, "[]"]));
  for (const row of sql.exec(STORED, keys).toArray()) {
    const rollup = all[row.key];
    rollup.count += row.count;
    if (row.sum === null) continue;
    rollup.sum += Number(row.sum);
    rollup.min = Math.min(rollup.min, Number(row.min));
    rollup.max = Math.max(rollup.max, Number(row.max));
  }
  const rows = all.map(({ key, grain, start, subject, count, sum, min, max }) => {
    const totals = sum === null ? [null, null, null] : [String(sum), String(min), String(max)];
    return [key, grain, start, subject, "[]", count, ...totals];
  });
  sql.exec(WRITE, JSON.stringify(rows));
}

function add(rollups, key, grain, at, subject, value) {
  const start = at - (at % (grain * MINUTE));
  const name = `${key} ${grain} ${start} ${subject}`;
  const rollup = rollups.get(name);
  if (rollup === undefined) {
    rollups.set(name, { key, grain, start, subject, count: 1, sum: value, min: value, max: value });
    return;
  }
  rollup.count++;
  if (value === null) return;
  rollup.sum += value;
  rollup.min = Math.min(rollup.min, value);
  rollup.max = Math.max(rollup.max, value);
}
