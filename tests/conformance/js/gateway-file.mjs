// What the cases of the suite gateway may say.

import { choice, FileError, list, members, object } from "./checks.mjs";

/** Members that an ask of a kind has, beside `expect`. */
const ASKS = {
  match: { needed: ["method", "path"], other: [] },
  "request-fields": { needed: ["route"], other: ["connection", "names", "caller"] },
  "response-fields": { needed: ["route", "fields"], other: ["origin"] },
  cors: { needed: [], other: ["route", "origin", "preflight"] },
  meters: { needed: ["route", "status"], other: ["fields", "body", "cut"] },
  problem: { needed: ["code", "instance", "requestId", "buildId", "now"], other: ["subject"] },
  "refused-events": { needed: ["events", "status", "answer"], other: [] },
};

export const GATEWAY_CASE_MEMBERS = {
  needed: ["name", "spec", "kind"],
  other: ["policies", "routes", "expect", "asks"],
};

export function checkGatewayCase(one, where) {
  const kind = choice(one.get("kind"), `${where}: kind`, ["routes", ...Object.keys(ASKS)]);
  if (one.get("policies") !== undefined) list(one.get("policies"), `${where}: policies`);
  const needed = kind === "routes" ? "expect" : "asks";
  const other = kind === "routes" ? "asks" : "expect";
  if (one.get(needed) === undefined) throw new FileError(`${where}: ${needed} is missing`);
  if (one.get(other) !== undefined) throw new FileError(`${where}: ${other} is not of this kind`);
  if (kind === "routes") {
    const expect = object(one.get("expect"), `${where}: expect`);
    if (expect.members.length !== 1) throw new FileError(`${where}: expect has one member`);
    members(expect, `${where}: expect`, [], ["table", "refused"]);
    return;
  }
  const asks = list(one.get("asks"), `${where}: asks`);
  if (asks.length === 0) throw new FileError(`${where}: asks is empty`);
  asks.forEach((ask, i) => {
    members(ask, `${where}: asks[${i}]`, [...ASKS[kind].needed, "expect"], ASKS[kind].other);
  });
}
