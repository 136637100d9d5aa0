// A bucket that many customers have been using for years, written by SQL: every row is that of one that the API made,
// with other ids.

import { PLAN } from "./catalog.mjs";
import { ADMIN_KEY } from "./serve.mjs";

export const SUBSCRIPTIONS = 100_000;
const KEYS_EACH = 10;
export const KEYS = SUBSCRIPTIONS * KEYS_EACH;
const PLANS = 5;
const CHUNK = 5_000;
const DAY = 24 * 3600 * 1000;

const id = (letter, n) => `printf('01BENCH${letter}%018d', ${n})`;
const NUMBERS =
  "WITH RECURSIVE numbers (n) AS (SELECT CAST(?1 AS INTEGER) UNION ALL SELECT n + 1 FROM numbers WHERE n + 1 < ?2) ";

/** `{key, ids, someDigests(count)}`: a service key, ids of a few subscriptions, digests of keys at random. */
export async function fillLarge(side, progress) {
  side.use(ADMIN_KEY);
  for (const key of ["export", "limits"]) await side.must("POST", "features", { key, name: key });
  for (let n = 0; n < PLANS; n++) {
    const plan = await side.must("POST", "plans", { ...PLAN, key: `team_${n}` });
    await side.must("POST", `plans/${plan.id}/publish`);
  }
  await side.must("POST", "customers", { key: "first", name: "First", primaryEmail: "first@customer.example" });
  await side.must("POST", "subscriptions", { plan: { key: "team_0" }, customerKey: "first" });
  while (JSON.parse((await side.call("host", "/timers/run")).body).more);
  const { key } = await side.must("POST", "service-keys", { name: "bench", role: "admin" });
  const copies = await copyStatements(side);
  for (let n = 0; n < SUBSCRIPTIONS; n += CHUNK) {
    await side.call("sql", ...copies.map((text) => [text, n, n + CHUNK]));
    progress(`filling, ${n + CHUNK} of ${SUBSCRIPTIONS} subscriptions`);
  }
  side.use(key);
  const [last] = (await side.call("sql", ["SELECT max(rowid) FROM api_keys"]))[0];
  const someDigests = async (count) => {
    const places = Array.from({ length: count }, () => 2 + Math.floor(Math.random() * (last - 2)));
    const rows = await side.call("sql", [
      "SELECT digest FROM json_each(?) CROSS JOIN api_keys WHERE api_keys.rowid = value",
      JSON.stringify(places),
    ]);
    return rows.map(([digest]) => digest);
  };
  const ids = await side.call("sql", ["SELECT id FROM subscriptions WHERE rowid % 30011 = 7"]);
  return { key, ids: ids.map(([one]) => one), someDigests };
}

/** Copies the one row of each table to the numbers from ?1 to ?2. */
async function copyStatements(side) {
  const copy = async (table, changed, from = "numbers") => {
    const columns = (await side.call("sql", [`SELECT name FROM pragma_table_info('${table}')`])).flat();
    const values = columns.map((column) => changed[column] ?? `first.${column}`);
    const first = `(SELECT * FROM ${table} ORDER BY rowid LIMIT 1) AS first`;
    const select = `SELECT ${values.join()} FROM ${from} CROSS JOIN ${first}`;
    return `${NUMBERS}INSERT INTO ${table} (${columns.join()}) ${select}`;
  };
  const ended = "WHEN n % 20 < 3 THEN first.active_from + 1000";
  const end = `CASE ${ended} WHEN n % 20 < 6 THEN first.active_from + ${300 * DAY} END`;
  const plan = `(SELECT id FROM plans WHERE key = 'team_' || (n % ${PLANS}))`;
  const digest = "lower(hex(randomblob(32)))";
  const later = `first.created_at + ${20 * DAY} + n * 1000`;
  const timer = (kind) =>
    `${NUMBERS}INSERT INTO timers (kind, subject, due_at) SELECT '${kind}', ${id("S", "n")}, ${later}` +
    " FROM numbers CROSS JOIN (SELECT created_at FROM subscriptions ORDER BY rowid LIMIT 1) AS first";
  return [
    await copy("customers", { id: id("C", "n"), key: "'customer-' || n" }),
    await copy("subscriptions", { id: id("S", "n"), customer_id: id("C", "n"), plan_id: plan, active_to: end }),
    await copy(
      "api_keys",
      { id: id("K", `n * ${KEYS_EACH} + each.value`), subscription_id: id("S", "n"), digest },
      `numbers CROSS JOIN json_each('[${Array.from({ length: KEYS_EACH }, (_, i) => i)}]') AS each`,
    ),
    timer("subscription"),
    timer("billing"),
  ];
}
