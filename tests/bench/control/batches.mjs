// Batches of events for one ledger, made and sent inside of a Worker: making them is not measured, sending them is.

export const EVENTS = 100;
/** How many events of a batch the next one has too. */
const REPEATED = 5;
export const SUBSCRIPTION = "01KNVXHQG356VA7T7W0V9N21GH";
const METERS = [
  { slug: "api_requests", eventType: "api_requests", aggregation: "COUNT" },
  { slug: "tokens", eventType: "tokens", aggregation: "SUM", valueProperty: "$.total" },
];

const encoder = new TextEncoder();

function event(n, now) {
  return {
    specversion: "1.0",
    id: `01KNVXHQG356VA7T7W0V9N21GJ-${String(n).padStart(8, "0")}`,
    source: "monetization-policy",
    type: n % 2 === 0 ? "api_requests" : "tokens",
    subject: "customer-7",
    subscription: SUBSCRIPTION,
    time: new Date(now - (n % 40) * 1000).toISOString(),
    data: { total: 1 + (n % 900), path: "/v1/generate" },
  };
}

function batch(number, now) {
  const fresh = EVENTS - REPEATED;
  const first = number * fresh;
  const events = Array.from({ length: EVENTS }, (_, i) => event(first + i, now));
  return encoder.encode(JSON.stringify({ events, meters: METERS }));
}

let waiting = [];

/** POST /batches/make [first, count, now] and /batches/send [now]; sending answers the last answer. */
export function openBatches(request, env) {
  const path = new URL(request.url).pathname;
  if (path === "/batches/make") return make(request);
  if (path === "/batches/send") return send(request, env);
  return undefined;
}

async function make(request) {
  const [first, count, now] = await request.json();
  waiting = Array.from({ length: count }, (_, i) => batch(first + i, now));
  return Response.json(waiting.length);
}

/** Two batches are always under way, so that the ledger never waits for the next one. */
async function send(request, env) {
  const [now] = await request.json();
  const object = `production/${SUBSCRIPTION}`;
  const ledger = env.LEDGER.get(env.LEDGER.idFromName(object));
  const answers = [];
  const work = async () => {
    for (let body = waiting.shift(); body !== undefined; body = waiting.shift()) {
      const answer = await ledger.ask(object, "/ledger/ingest", body, now);
      if (answer.status !== 200) throw new Error(`${answer.status} ${text(answer.body)}`);
      answers.push(JSON.parse(text(answer.body)));
    }
  };
  await Promise.all([work(), work()]);
  return Response.json(answers);
}

const text = (body) => (typeof body === "string" ? body : new TextDecoder().decode(body));
