// T4 of the invariants: the machine's clock steps, the bucket's clock does not leave its course for longer than it
// takes to ask.

import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { load } from "./load.mjs";

const { DomainClock } = await load("gateway/domain-clock.ts");

const HOUR = 3_600_000;
const realNow = Date.now;
afterEach(() => {
  Date.now = realNow;
});

function setUp({ frozen = false, set = true } = {}) {
  const machine = { now: realNow() };
  Date.now = () => machine.now;
  const plane = { now: machine.now + 1_000 * HOUR, asked: 0, down: false };
  const clock = new DomainClock("working-copy", {
    async ask() {
      plane.asked++;
      if (plane.down) throw new Error("down");
      if (plane.garbage !== undefined) return new Response(plane.garbage);
      return Response.json({ now: new Date(plane.now).toISOString(), set, frozen });
    },
  });
  return { machine, plane, clock, refresh: () => clock.refresh({ waitUntil() {} }) };
}

test("an hour back: the clock is asked for again at once, and never goes back by itself", async () => {
  const { machine, plane, clock, refresh } = setUp();
  await refresh();
  assert.equal(refresh(), undefined);
  machine.now -= HOUR;
  assert.equal(clock.now(), plane.now);
  await refresh();
  assert.equal(plane.asked, 2);
  machine.now += 500;
  assert.equal(refresh(), undefined);
  assert.equal(clock.now(), plane.now + 500);
});

test("an hour forward: the clock is asked for again, and is right then", async () => {
  const { machine, plane, clock, refresh } = setUp();
  await refresh();
  machine.now += HOUR;
  await refresh();
  assert.equal(plane.asked, 2);
  assert.equal(clock.now(), plane.now);
});

test("a silent control plane is left alone for half a minute, or until the clock steps back", async () => {
  const { machine, plane, clock, refresh } = setUp();
  await refresh();
  plane.down = true;
  machine.now += 2_000;
  await refresh();
  assert.equal(plane.asked, 2);
  machine.now += 29_000;
  assert.equal(refresh(), undefined);
  assert.equal(clock.now(), plane.now + 31_000);
  machine.now -= HOUR;
  plane.down = false;
  await refresh();
  assert.equal(plane.asked, 3);
});

test("without a test clock it is the machine's", async () => {
  const { machine, clock, refresh } = setUp({ set: false });
  await refresh();
  assert.equal(clock.now(), machine.now);
});

test("S4.4: garbage is no answer: the clock goes on from where it was", async () => {
  const { machine, plane, clock, refresh } = setUp();
  await refresh();
  for (const garbage of ["<html>", "null", "{}", '{"set":true}', '{"set":true,"now":"soon"}', '{"now":12,"set":1}']) {
    plane.garbage = garbage;
    machine.now += 31_000;
    plane.now += 31_000;
    await refresh();
    assert.equal(clock.now(), plane.now, garbage);
  }
});
