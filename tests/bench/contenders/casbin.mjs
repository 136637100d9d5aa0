// Casbin with matchers over attributes, an enforcer for each policy. One rule says when a request passes; only for a
// request that does not, a second enforcer is asked which check it fails.

import { newEnforcer, newModelFromString, StringAdapter } from "casbin";
import { checksOf, makeEngineGateway } from "./engine-gateway.mjs";
import { metersOf } from "./facts.mjs";

const MODEL = `
[request_definition]
r = facts
[policy_definition]
p = check, rule, eft
[policy_effect]
e = priority(p.eft) || deny
[matchers]
m = eval(p.rule)
`;

const at = (meter) => `r.facts.entitlements.${meter}`;

/** When a request fails a check, those before it passed. */
const FAILS = {
  subscription_expired: () => "r.facts.now < r.facts.activeFrom || r.facts.now >= r.facts.activeTo",
  payment_overdue: () => "!r.facts.paid && r.facts.now >= r.facts.graceEnd",
  meter_unknown: (meter) => `!${at(meter)}`,
  quota_exhausted: (meter) => `${at(meter)}.left <= 0 && !${at(meter)}.soft`,
  meter_disabled: (meter) => `!${at(meter)}.access`,
};

export async function makeCasbin(world) {
  const checks = metersOf(world.policies).map(checksOf);
  const passing = await Promise.all(checks.map((own) => enforcerFor([["passes", passes(own), "allow"]])));
  const failing = await Promise.all(
    checks.map((own) => enforcerFor(own.map(({ code, meter }, i) => [i, FAILS[code](meter), "deny"]))),
  );
  return makeEngineGateway("casbin", world, ({ policy, ...facts }) => {
    if (passing[policy].enforceSync(facts)) return undefined;
    const [, rule] = failing[policy].enforceExSync(facts);
    return checks[policy][Number(rule[0])].code;
  });
}

const passes = (checks) => checks.map(({ code, meter }) => `!(${FAILS[code](meter)})`).join(" && ");

function enforcerFor(rules) {
  const lines = rules.map(([check, rule, effect]) => `p, ${check}, ${rule}, ${effect}`);
  return newEnforcer(newModelFromString(MODEL), new StringAdapter(lines.join("\n")));
}
