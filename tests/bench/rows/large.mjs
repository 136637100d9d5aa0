// Large buckets: a hundred thousand subscriptions with ten keys each, in one Durable Object.

import { fillLarge, KEYS, SUBSCRIPTIONS } from "../control/large-bucket.mjs";
import { Side } from "../control/side.mjs";
import { quantile } from "../statistics.mjs";

const ROUNDS = 11;
const LOOK_UPS = 300;
const PAGE_SIZE = 100;
const PAGES = 10;
const OPENINGS = 7;

export const LOOK_UP = `snapshot by digest out of ${KEYS.toLocaleString("en")} keys, p99`;
export const OPENING = "first request of a new instance";
const FILTERS = { "": "", ", active": "status=active&", ", of a plan": "planKey=team_2&" };
const PLACES = { first: 0, middle: 0.5, last: 1 };
const OF_A_CUSTOMER = "subscriptions of a customer";
const nameOf = (filter, place) => `page of ${PAGE_SIZE} subscriptions${filter}, ${place}`;
export const LISTS = [
  ...Object.keys(FILTERS).flatMap((filter) => Object.keys(PLACES).map((place) => nameOf(filter, place))),
  OF_A_CUSTOMER,
];

const pageOf = (path, items, share) => {
  const last = Math.ceil(items / PAGE_SIZE);
  return `${path}page=${Math.max(1, Math.round(last * share))}&pageSize=${PAGE_SIZE}`;
};

/** `[{contender, what, unit, samples}]`, in nanoseconds. */
export async function measureLarge(server, progress) {
  const side = new Side("tollgate", server);
  const bucket = await fillLarge(side, progress);
  const measured = [];
  const add = (what, samples) => measured.push({ contender: "tollgate", what, unit: "ns", samples });
  progress("look-ups by digest");
  const p99 = [];
  for (let round = -1; round < ROUNDS; round++) {
    const digests = await bucket.someDigests(LOOK_UPS);
    const times = [];
    for (const digest of digests) times.push(await timeOf(side, `snapshots/${digest}`));
    if (round >= 0) p99.push(quantile(times, 0.99));
  }
  add(LOOK_UP, p99);
  progress("lists");
  for (const { what, path } of await lists(side)) {
    const samples = [];
    for (let i = 0; i < PAGES + 2; i++) samples.push(await timeOf(side, path));
    add(what, samples.slice(2));
  }
  add(OPENING, await openings(server, bucket, progress));
  return measured;
}

async function lists(side) {
  const count = async (path) => (await side.must("GET", `${path}pageSize=1`)).totalCount;
  const all = await count("subscriptions?");
  if (all < SUBSCRIPTIONS) throw new Error(`the bucket has ${all} subscriptions`);
  const list = [];
  for (const [name, filter] of Object.entries(FILTERS)) {
    const path = `subscriptions?${filter}`;
    const items = await count(path);
    for (const [place, share] of Object.entries(PLACES)) {
      list.push({ what: nameOf(name, place), path: pageOf(path, items, share) });
    }
  }
  list.push({ what: OF_A_CUSTOMER, path: "subscriptions?customerKey=customer-77777" });
  return list;
}

/** Each time workerd starts anew; the Worker itself, its module included, is warm. */
async function openings(server, bucket, progress) {
  const samples = [];
  for (let i = 0; i < OPENINGS; i++) {
    progress(`openings, ${i + 1} of ${OPENINGS}`);
    await server.restart();
    const side = new Side("tollgate", server);
    side.use(bucket.key);
    await side.post("/warm", []);
    const [id] = bucket.ids;
    samples.push(await timeOf(side, `subscriptions/${id}`));
    side.close();
  }
  return samples;
}

async function timeOf(side, path) {
  const request = { method: "GET", path };
  const from = process.hrtime.bigint();
  const { status, body } = await side.ask(request);
  const time = Number(process.hrtime.bigint() - from);
  if (status !== 200) throw new Error(`${path} answered ${status} ${body}`);
  return time;
}
