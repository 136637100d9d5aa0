// Asks the gateway's rules of the npm package: the suite gateway. Nothing here knows its host: the same code runs in
// Node and in workerd.

import { GatewayRules, RouteError } from "tollgate/internal/gateway";

/** Where nothing else is said. */
const POLICIES = [{ name: "p", authHeader: "authorization" }];
const NO_ROUTES = { routes: [{ path: "/a", methods: ["GET"], upstream: "service:UP", policies: [] }] };
/** A body is fed in pieces of so many bytes, which must not make a difference. */
const PIECES = [Number.POSITIVE_INFINITY, 1, 7];

/**
 * What is asked of each kind, and the answer, in the form in which it is expected. `routeOf` finds the index of a route
 * by its pattern.
 */
const KINDS = {
  match: ({ rules }, { method, path }) => {
    const match = rules.match(method, path);
    if ("problem" in match) return match.subject === "" ? { problem: match.problem } : match;
    return { route: rules.table.routes[match.route].path, sent: match.path };
  },
  "request-fields": ({ rules, routeOf }, { route, connection = "", names, caller }) => {
    if (caller === undefined) return linesOf(rules.requestFields(routeOf(route), connection, names));
    const { host = "", scheme = "", address = "", consumer = "", subscription = "" } = caller;
    return linesOf(rules.ownFields(routeOf(route), { host, scheme, address, consumer, subscription }));
  },
  "response-fields": ({ rules, routeOf }, { route, origin = "", fields }) =>
    linesOf(rules.responseFields(routeOf(route), origin, pairsOf(fields))),
  cors: ({ rules, routeOf }, { route, origin, preflight }) => {
    if (preflight === undefined) return linesOf(rules.corsFields(route === undefined ? -1 : routeOf(route), origin));
    const { path, origin: from = "", method = "", headers = "" } = preflight;
    const fields = rules.preflight(path, from, method, headers);
    return fields === undefined ? "no preflight" : linesOf(fields);
  },
  meters: ({ rules, routeOf }, { route, status, fields = [], body, cut = false }) => {
    const begin = () => rules.read(routeOf(route), status, pairsOf(fields));
    const readings = PIECES.map((size) => read(begin(), body, size, !cut));
    const [first] = readings;
    return readings.every((reading) => JSON.stringify(reading) === JSON.stringify(first)) ? first : readings;
  },
  problem: ({ rules }, { code, subject = "", instance, requestId, buildId, now }) => {
    const trace = { instance, requestId, buildId, now: Date.parse(now) };
    const { status, fields, body } = rules.problem(code, subject, trace);
    return { status, fields: linesOf(fields), body: JSON.parse(body) };
  },
  "refused-events": ({ rules }, { events, status, answer }) =>
    rules.sortRefused(events, status, typeof answer === "string" ? answer : JSON.stringify(answer)),
};

function read(reader, body, size, whole) {
  const early = reader.refused ? { refusedEarly: true } : {};
  const bytes = new TextEncoder().encode(body ?? "");
  const step = Math.min(size, Math.max(bytes.length, 1));
  for (let at = 0; at < bytes.length; at += step) reader.feed(bytes.subarray(at, at + step));
  const { meters, faults, refused } = reader.end(whole);
  const amounts = meters === "" ? {} : Object.fromEntries(amountsOf(meters));
  return {
    meters: amounts,
    ...(faults.length > 0 ? { faults: Object.fromEntries(faults.map(({ meter, reason }) => [meter, reason])) } : {}),
    ...(refused ? { refused } : {}),
    ...early,
  };
}

/** The amounts of a request's meters as texts: digits stay as they are. */
function amountsOf(state) {
  return [...state.matchAll(/"((?:[^"\\]|\\.)*)":\{"value":([^,]+),"replaces":false\}/g)].map(([, name, value]) => [
    JSON.parse(`"${name}"`),
    value,
  ]);
}

const linesOf = (text) => text.split("\n").slice(0, -1);

/** Lines `Name: value` as pairs. */
const pairsOf = (lines) => lines.map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1)]);

/**
 * Runs the cases of one file.
 *
 * @param module the gateway module, undefined for the one in the package
 * @returns {{failures: {name, expected, got}[], passed: number, transcript: string}}
 */
export function runGatewayCases(suite, cases, module) {
  const report = { failures: [], passed: 0, transcript: "" };
  cases.forEach((raw, i) => {
    const one = raw.value;
    const line = (text) => {
      report.transcript += `${suite}/${i}\t${text}\n`;
    };
    const failure = one.kind === "routes" ? playRoutes(one, module, line) : playAsks(one, module, line);
    if (failure === undefined) report.passed++;
    else report.failures.push({ name: one.name, ...failure });
  });
  return report;
}

function rulesOf({ routes = NO_ROUTES, policies = POLICIES }, module) {
  return new GatewayRules(typeof routes === "string" ? routes : JSON.stringify(routes), policies, module);
}

function playRoutes(one, module, line) {
  let got;
  try {
    got = { table: rulesOf(one, module).table };
  } catch (error) {
    if (!(error instanceof RouteError)) throw error;
    got = { refused: error.message };
  }
  line("table" in got ? `answered\t${JSON.stringify(got.table)}` : `refused\t${got.refused}`);
  return covers(one.expect, got) ? undefined : { expected: JSON.stringify(one.expect), got: JSON.stringify(got) };
}

function playAsks(one, module, line) {
  const rules = rulesOf(one, module);
  const routeOf = (path) => {
    const index = rules.table.routes.findIndex((route) => route.path === path);
    if (index < 0) throw new Error(`no route has the path ${path}`);
    return index;
  };
  let failure;
  one.asks.forEach((ask, i) => {
    const got = KINDS[one.kind]({ rules, routeOf }, ask);
    line(`answered\t${JSON.stringify(got)}`);
    if (covers(ask.expect, got) && covers(got, ask.expect)) return;
    failure ??= { expected: `${JSON.stringify(ask.expect)} of asks[${i}]`, got: JSON.stringify(got) };
  });
  return failure;
}

/** Whether all that is expected is there; an object may have more members. */
function covers(expected, got) {
  if (typeof expected !== "object" || expected === null) return expected === got;
  if (typeof got !== "object" || got === null || Array.isArray(expected) !== Array.isArray(got)) return false;
  if (Array.isArray(expected) && expected.length !== got.length) return false;
  return Object.entries(expected).every(([name, value]) => covers(value, got[name]));
}
