// S4 of the invariants: every way of handing a header over means the same.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Gate } from "tollgate";
import { decide, NOW, policies, snapshot, World } from "./world.mjs";

const WAYS = [
  { headerCopy: "encode", knownHeaders: false },
  { headerCopy: "packed", knownHeaders: false },
  { headerCopy: "encode", knownHeaders: true },
  { headerCopy: "packed", knownHeaders: true },
];
const KEY = "key_0123456789abcdefghijklmnopqrstuvwxyz";

/** The text of a refusal, or "allowed". */
async function answers(headers) {
  return Promise.all(
    WAYS.map(async (way) => {
      const world = new World();
      world.set(KEY, snapshot());
      const gate = new Gate({ policies: policies({ p: { meters: { api_requests: 1 } } }), ...world.options, ...way });
      const said = [];
      for (const header of headers) {
        // Twice: the second time may go another way.
        for (let i = 0; i < 2; i++) {
          const result = await decide(gate, header);
          said.push(result > 0 ? "allowed" : JSON.parse(gate.problem(result, 0, "/", "r", NOW).body).detail);
        }
      }
      return said;
    }),
  );
}

test("every length around the bounds and every character, in each way of copying", async () => {
  const lengths = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 511, 512, 513, 1016, 1017, 1018, 1023, 1024, 1025, 1026, 2000, 70_000];
  const headers = [
    `Bearer ${KEY}`,
    `bearer ${KEY}`,
    `BEARER   ${KEY}`,
    `Bearer ${KEY}, Bearer ${KEY}`,
    `Bearer ${KEY},`,
    `Bearer ${KEY} `,
    `Bearer ${KEY}\t`,
    "Bearer",
    "Basic abc",
    "",
    " ",
    ...lengths.map((length) => "B".repeat(length)),
    ...lengths.map((length) => `Bearer ${"k".repeat(length)}`),
    ...Array.from({ length: 0x120 }, (_, code) => `Bearer ${KEY}${String.fromCharCode(code)}`),
    // Characters whose low byte is that of the key's: no way of copying may take one for the other.
    ...[...KEY].map(
      (character) => `Bearer ${KEY.replace(character, String.fromCharCode(character.charCodeAt(0) + 0x100))}`,
    ),
    `Bearer ${KEY}\ud800`,
    `Bearer ${"é".repeat(600)}`,
    `Bearer ${"€".repeat(400)}`,
  ];
  const [first, ...others] = await answers(headers);
  for (const [i, other] of others.entries()) assert.deepEqual(other, first, JSON.stringify(WAYS[i + 1]));
  const allowed = headers.filter((_, i) => first[2 * i] === "allowed");
  assert.ok(allowed.length >= 3);
  for (const header of allowed) assert.match(header, new RegExp(`^bearer +${KEY}[ \\t]*$`, "i"));
});

test("the map in front of the module is bounded and forgets what the module forgets", async () => {
  const world = new World();
  const gate = new Gate({ policies: policies({ p: {} }), ...world.options, knownHeaders: true });
  for (let i = 0; i < 6000; i++) world.set(`k${i}`, snapshot({ id: `sub-${i}`, consumer: `c${i}` }));
  for (let i = 0; i < 6000; i++) {
    const result = await decide(gate, `Bearer k${i}`);
    assert.equal(gate.identity(result).consumer, `c${i}`);
    gate.abandon(result);
  }
  assert.equal(gate.stats().module.cachedKeys, 4096);
  // Evicted ones and kept ones alike: each header still leads to its own subscription.
  for (let i = 5999; i >= 0; i -= 7) {
    const result = await decide(gate, `Bearer k${i}`);
    assert.equal(gate.subscription(result).id, `sub-${i}`);
    gate.abandon(result);
  }
});

test("S7: a key that is revoked is refused once its snapshot is too old, also through the map", async () => {
  const world = new World();
  world.set(KEY, snapshot());
  const gate = new Gate({ policies: policies({ p: {} }), ...world.options, knownHeaders: true });
  gate.abandon(await decide(gate, `Bearer ${KEY}`));
  assert.ok(gate.check(0, `Bearer ${KEY}`, NOW + 59_999) > 0);
  world.set(KEY, 404);
  world.kv.clear();
  world.now = NOW + 60_000;
  assert.ok((await decide(gate, `Bearer ${KEY}`, 0, world.now)) < 0);
  assert.ok((await decide(gate, `Bearer ${KEY}`, 0, world.now)) < 0);
});

test("S4.5: a refusal that a change may have cured is checked again, also through the map", async () => {
  for (const knownHeaders of [false, true]) {
    const world = new World();
    world.set(KEY, snapshot({ revision: 1 }, { api_requests: 0 }));
    const gate = new Gate({
      policies: policies({ p: { meters: { api_requests: 1 }, recheckDeniedSeconds: 5 } }),
      ...world.options,
      knownHeaders,
    });
    const ask = async (at) => {
      world.now = NOW + at;
      const result = await decide(gate, `Bearer ${KEY}`, 0, world.now);
      if (result > 0) gate.abandon(result);
      return result > 0;
    };
    assert.equal(await ask(0), false);
    // Bought meanwhile: the next request after the five seconds knows it, though the record is fresh for a minute.
    world.set(KEY, snapshot({ revision: 2 }, { api_requests: 10 }));
    assert.equal(await ask(4_000), false);
    assert.equal(world.lookups.length, 1);
    assert.equal(await ask(5_001), true);
    assert.equal(world.lookups.length, 2);
    assert.equal(await ask(5_002), true);
    assert.equal(world.lookups.length, 2);
  }
});
