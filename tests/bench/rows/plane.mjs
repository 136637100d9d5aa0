// P9: requests to the control plane beside plain JavaScript that does the same SQL, through `workerd serve`.

import { createHash } from "node:crypto";
import { inspect, isDeepStrictEqual } from "node:util";
import { CUSTOMERS, customerBody, fill, subscriptionBody } from "../control/catalog.mjs";
import { Side } from "../control/side.mjs";
import { timed } from "../control/timed.mjs";

const ROUNDS = 21;
const REQUESTS = 150;

const LATER = new Date(Date.now() + 24 * 3600 * 1000).toISOString();

const digestOf = (text) => createHash("sha256").update(text).digest("hex");
const get = (path) => ({ method: "GET", path });

/** Requests of one kind; `of(filled, n)` is the n-th, and no two that write are alike. */
export const SCENARIOS = {
  "get customer": ({ customers }, n) => get(`customers/${customers[n % CUSTOMERS]}`),
  "list customers, 20": (_, n) => get(`customers?page=${1 + (n % 10)}&pageSize=20`),
  "create customer": (_, n) => ({ method: "POST", path: "customers", body: customerBody(CUSTOMERS + n) }),
  "update customer": ({ customers }, n) => {
    const number = n % CUSTOMERS;
    const body = { ...customerBody(number), name: `Customer in its version ${n}` };
    return { method: "PUT", path: `customers/${customers[number]}`, body };
  },
  "get subscription": ({ subscriptions }, n) => get(`subscriptions/${subscriptions[n % CUSTOMERS]}`),
  "list subscriptions, 20": (_, n) => get(`subscriptions?page=${1 + (n % 10)}&pageSize=20`),
  "create subscription": (_, n) => {
    return { method: "POST", path: "subscriptions", body: subscriptionBody(CUSTOMERS + n, LATER) };
  },
  "snapshot by digest": ({ digests }, n) => get(`snapshots/${digests[n % CUSTOMERS]}`),
};

/** What is measured of the same requests: processor time of workerd. A Durable Object has but one thread. */
export const processorOf = (scenario) => `${scenario}, processor`;

/** `[{contender, what, unit, samples}]`; `progress(text)` hears how far it is. */
export async function measurePlane(server, progress) {
  const sides = ["tollgate", "plain"].map((name) => new Side(name, server));
  const filled = await fill(...sides, digestOf);
  const results = [];
  try {
    for (const [what, of] of Object.entries(SCENARIOS)) {
      progress(what);
      const scenario = new Scenario(what, of, filled);
      await scenario.verify(sides);
      results.push(...(await scenario.measure(sides)));
    }
  } finally {
    for (const side of sides) side.close();
  }
  return results;
}

class Scenario {
  #next = 0;
  #of;
  #filled;
  #what;

  constructor(what, of, filled) {
    this.#what = what;
    this.#of = of;
    this.#filled = filled;
  }

  /** The next request, for both sides the same. */
  #take(count) {
    const first = this.#next;
    this.#next += count;
    return Array.from({ length: count }, (_, i) => this.#of(this.#filled, first + i));
  }

  /** Both sides give the same answers, and run the same statements for them. */
  async verify(sides) {
    const requests = this.#take(30);
    const seen = [];
    for (const side of sides) {
      await side.ask(get("customers?pageSize=1")); // its object may be new
      await side.call("recorded");
      const answers = [];
      for (const request of requests) {
        const answer = await side.ask(request);
        answers.push({
          ...answer,
          etag: answer.etag !== "",
          body: masked(answer.body),
          statements: await side.call("recorded"),
        });
      }
      await side.call("forget");
      seen.push(answers);
    }
    requests.forEach((request, i) => {
      const [tollgate, plain] = seen.map((answers) => answers[i]);
      const what = `${this.#what}: ${request.method} ${request.path}`;
      if (tollgate.status >= 300) throw new Error(`${what} answers ${tollgate.status} ${tollgate.body}`);
      for (const [part, mine] of Object.entries(tollgate)) {
        if (!isDeepStrictEqual(mine, plain[part])) {
          throw new Error(`${what}: ${part} differs\n${inspect(mine)}\n${inspect(plain[part])}`);
        }
      }
    });
  }

  async measure(sides) {
    const samples = sides.map(() => ({ time: [], cpu: [] }));
    for (let round = -1; round < ROUNDS; round++) {
      const requests = this.#take(REQUESTS);
      for (let i = 0; i < sides.length; i++) {
        const turn = (i + round + 1) % sides.length;
        const { time, cpu } = await timedRequests(sides[turn], requests);
        if (round < 0) continue; // the warm-up
        samples[turn].time.push(time);
        samples[turn].cpu.push(cpu);
      }
    }
    return sides.flatMap(({ name }, i) => [
      { contender: name, what: this.#what, unit: "ns", samples: samples[i].time },
      { contender: name, what: processorOf(this.#what), unit: "ns", samples: samples[i].cpu },
    ]);
  }
}

async function timedRequests(side, requests) {
  const encoded = requests.map((request) => side.encode(request));
  let bad = 0;
  const count = (_, status) => {
    if (status >= 300) bad++;
  };
  const { time, cpu } = await timed(side, () => side.run(encoded, count));
  if (bad > 0) throw new Error(`${side.name}: ${bad} of ${requests.length} answers are refusals`);
  return { time: time / requests.length, cpu: cpu / requests.length };
}

/** Without what differs from one creation to another: ids, keys, the instants of now. */
function masked(body) {
  return body
    .replaceAll(/\b[0-9A-HJKMNP-TV-Z]{26}\b/g, "ID")
    .replaceAll(/tgk_[0-9A-Za-z]{32}_[0-9A-Za-z]{6}/g, "KEY")
    .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z/g, "INSTANT");
}
