// Cedar, by its own WebAssembly package, the policies parsed ahead. One permit says when a request passes; only for a
// request that does not, a second set is asked which check it fails.

import { preparsePolicySet, statefulIsAuthorized } from "@cedar-policy/cedar-wasm/nodejs";
import { checksOf, makeEngineGateway } from "./engine-gateway.mjs";
import { metersOf } from "./facts.mjs";

const has = (meter) => `context.entitlements has ${meter}`;
const at = (meter) => `context.entitlements.${meter}`;

/** When a request fails a check. */
const FAILS = {
  subscription_expired: () => "context.now < context.activeFrom || context.now >= context.activeTo",
  payment_overdue: () => "!context.paid && context.now >= context.graceEnd",
  meter_unknown: (meter) => `!(${has(meter)})`,
  quota_exhausted: (meter) => `${has(meter)} && ${at(meter)}.left <= 0 && !${at(meter)}.soft`,
  meter_disabled: (meter) => `${has(meter)} && !${at(meter)}.access`,
};

/** Cedar has whole numbers only, and no infinity. */
const NEVER = Number.MAX_SAFE_INTEGER;

const principal = { type: "Client", id: "caller" };
const action = { type: "Action", id: "call" };
const resource = { type: "Api", id: "api" };

export function makeCedar(world) {
  const checks = metersOf(world.policies).map(checksOf);
  checks.forEach(preparse);

  return makeEngineGateway("cedar-wasm", world, ({ policy, ...context }) => {
    if (context.activeTo === Number.POSITIVE_INFINITY) context.activeTo = NEVER;
    if (ask(`passes-${policy}`, context).decision === "allow") return undefined;
    const failed = ask(`fails-${policy}`, context).diagnostics.reason;
    return checks[policy][Math.min(...failed.map(Number))].code;
  });
}

/** Two sets for a policy: what it takes to pass, and each check under its number. */
function preparse(checks, policy) {
  const conditions = checks.map(({ code, meter }) => FAILS[code](meter));
  const none = conditions.map((condition) => `!(${condition})`).join(" && ");
  const forbids = conditions.map((condition, i) => [i, `forbid(principal, action, resource) when { ${condition} };`]);
  const sets = {
    [`passes-${policy}`]: { everybody: `permit(principal, action, resource) when { ${none} };` },
    [`fails-${policy}`]: Object.fromEntries(forbids),
  };
  for (const [name, staticPolicies] of Object.entries(sets)) {
    const parsed = preparsePolicySet(name, { staticPolicies });
    if (parsed.type !== "success") throw new Error(`cedar: ${JSON.stringify(parsed.errors)}`);
  }
}

function ask(preparsedPolicySetId, context) {
  const answer = statefulIsAuthorized({ principal, action, resource, context, preparsedPolicySetId, entities: [] });
  if (answer.type !== "success") throw new Error(`cedar: ${JSON.stringify(answer.errors)}`);
  return answer.response;
}
