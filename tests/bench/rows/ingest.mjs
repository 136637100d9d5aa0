// P8: a ledger takes batches of events, over RPC, beside plain JavaScript that does the same SQL.

import { inspect, isDeepStrictEqual } from "node:util";
import { EVENTS, SUBSCRIPTION } from "../control/batches.mjs";
import { copyTables } from "../control/copy.mjs";
import { Side } from "../control/side.mjs";
import { timed } from "../control/timed.mjs";

const ROUNDS = 11;
const BATCHES = 60;

const LEDGER = `LEDGER/${encodeURIComponent(`production/${SUBSCRIPTION}`)}`;
const TABLES = ["events", "measures", "rollups", "conflicts", "distinct_values", "senders"];

/** `[{contender, what, unit, samples}]`, nanoseconds of an event. */
export async function measureIngest(server) {
  const sides = ["tollgate", "plain"].map((name) => new Side(name, server));
  const now = Date.now();
  let next = 0;
  const send = async (side, first, count) => {
    await side.post("/batches/make", [first, count, now]);
    return timed(side, () => side.post("/batches/send", [now]));
  };
  try {
    await send(sides[0], next++, 1);
    await copyTables(...sides, LEDGER);
    await verify(sides, now, next, 5);
    next += 5;
    const samples = sides.map(() => ({ time: [], cpu: [] }));
    for (let round = -1; round < ROUNDS; round++) {
      for (let i = 0; i < sides.length; i++) {
        const turn = (i + round + 1) % sides.length;
        const { time, cpu } = await send(sides[turn], next, BATCHES);
        if (round < 0) continue; // the warm-up
        samples[turn].time.push(time / (BATCHES * EVENTS));
        samples[turn].cpu.push(cpu / (BATCHES * EVENTS));
      }
      next += BATCHES;
    }
    return sides.flatMap(({ name }, i) => [
      { contender: name, what: "event", unit: "ns", samples: samples[i].time },
      { contender: name, what: "event, processor", unit: "ns", samples: samples[i].cpu },
    ]);
  } finally {
    for (const side of sides) side.close();
  }
}

/** Both sides give the same answers, run the same statements, and hold the same rows afterwards. */
async function verify(sides, now, first, count) {
  const seen = [];
  for (const side of sides) {
    await side.callObject(LEDGER, "recorded");
    await side.post("/batches/make", [first, count, now]);
    const answers = await side.post("/batches/send", [now]);
    const statements = await side.callObject(LEDGER, "recorded");
    await side.callObject(LEDGER, "forget");
    const tables = [];
    for (const table of TABLES) {
      const rows = await side.callObject(LEDGER, "sql", [`SELECT * FROM ${table}`]);
      tables.push(rows.map((row) => JSON.stringify(row)).sort());
    }
    seen.push({ answers, statements, tables });
  }
  const [tollgate, plain] = seen;
  for (const [part, mine] of Object.entries(tollgate)) {
    if (isDeepStrictEqual(mine, plain[part])) continue;
    throw new Error(`ledger: ${part} differ\n${inspect(mine)}\n${inspect(plain[part])}`);
  }
  if (tollgate.answers[0].duplicates === 0) throw new Error("ledger: nothing was a duplicate");
}
