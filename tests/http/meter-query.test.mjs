// A meter's query: windows by the clocks of a time zone, groups, filters, and what is refused.

import assert from "node:assert/strict";
import { before, test } from "node:test";
import { meter, plan, subscribe } from "./catalog.mjs";
import { start } from "./harness.mjs";

const { api } = await start();

const HOUR = 3_600_000;
/** A midnight of UTC a few days ago: events are taken for 35 days. */
const midnight = Math.floor(Date.now() / (24 * HOUR)) * 24 * HOUR - 5 * 24 * HOUR;
const instant = (ms) => new Date(ms).toISOString().replace(".000Z", "Z");
const span = { from: instant(midnight), to: instant(midnight + 72 * HOUR) };

/** What clocks in a zone show, by the tables of Node. */
function clock(zone, ms) {
  const format = new Intl.DateTimeFormat("en-GB", { timeZone: zone, dateStyle: "short", timeStyle: "medium" });
  const [date, time] = format.format(ms).split(", ");
  return { date, time };
}

let events;
let subscriptions;

before(async () => {
  await meter(api, "bytes");
  await plan(api, "metered", { bytes: 1_000_000 });
  subscriptions = [await subscribe(api, "metered", "query-one"), await subscribe(api, "metered", "query-two")];
  // Every 25 minutes for three days: in any zone, some lie on both sides of every midnight.
  events = Array.from({ length: 172 }, (_, index) => ({
    specversion: "1.0",
    id: `query-${index}`,
    source: "test",
    type: "bytes",
    subject: index % 3 === 0 ? "alice" : "bob",
    subscription: subscriptions[index % 2].id,
    time: instant(midnight + index * 25 * 60_000),
    data: { total: index + 1 },
  }));
  const type = { "content-type": "application/cloudevents-batch+json" };
  await api.post("events", JSON.stringify(events), type);
});

const query = (body) => api.post("meters/bytes/query", { ...span, ...body });
const total = (list) => list.reduce((sum, event) => sum + event.data.total, 0);

for (const zone of ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe"]) {
  test(`days of ${zone} begin at its midnights, and what falls on each is counted there`, async () => {
    const { data, windowSize } = await query({ windowSize: "DAY", windowTimeZone: zone });
    assert.equal(windowSize, "DAY");
    assert.equal(data[0].windowStart, span.from);
    assert.equal(data.at(-1).windowEnd, span.to);
    for (const [index, row] of data.entries()) {
      const [from, to] = [Date.parse(row.windowStart), Date.parse(row.windowEnd)];
      if (index > 0) {
        assert.equal(row.windowStart, data[index - 1].windowEnd);
        assert.equal(clock(zone, from).time, "00:00:00");
      }
      assert.equal(clock(zone, from).date, clock(zone, to - 1).date);
      const inside = events.filter(({ time }) => Date.parse(time) >= from && Date.parse(time) < to);
      assert.equal(row.value, total(inside));
    }
  });
}

test("groups and filters: by subject, by subscription, of one subscription and subject", async () => {
  const [one, two] = subscriptions.map(({ id }) => id);
  const { data } = await query({ groupBy: ["subject", "subscription"] });
  const found = new Map(data.map(({ subject, subscription, value }) => [`${subject} ${subscription}`, value]));
  assert.equal(found.size, 4);
  for (const subject of ["alice", "bob"]) {
    for (const id of [one, two]) {
      const expected = total(events.filter((event) => event.subject === subject && event.subscription === id));
      assert.equal(found.get(`${subject} ${id}`), expected);
      const filtered = await query({ filterSubject: [subject], filterSubscription: [id, id] });
      assert.equal(filtered.data[0].value, expected);
      assert.equal(filtered.data[0].subscription, null);
    }
  }
});

test("what is wrong with a query is named, all of it at once", async () => {
  const refused = await api.send("POST", "meters/bytes/query", {
    windowSize: "WEEK",
    windowTimeZone: "Europe/Bonn",
    groupBy: ["colour"],
    filterSubscription: [subscriptions[1].id, "none"],
  });
  assert.equal(refused.status, 400);
  const fields = refused.body.invalidParameters.map(({ field, rule }) => `${field} ${rule}`);
  assert.deepEqual(fields.sort(), [
    "filterSubscription[1] exists",
    "groupBy one_of",
    "windowSize one_of",
    "windowTimeZone time_zone",
  ]);
});
