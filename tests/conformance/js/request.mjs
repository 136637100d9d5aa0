// What the suites `policy` and `edge` do in the same way.

import { MeterError } from "tollgate";

/** The 32 bytes that every case's instance starts from, and what else it is told. */
export const SEED = Uint8Array.from({ length: 32 }, (_, i) => i);
export const BUILD_ID = "conformance";

/** An entry of a policies.json; `quota` is `cached` where the options do not say. */
export function policyEntry(name, options) {
  const text = options.isObject ? withQuota(options) : options.raw;
  const handler = `{"export":"MonetizationInboundPolicy","options":${text}}`;
  return `{"name":${JSON.stringify(name)},"policyType":"monetization-inbound","handler":${handler}}`;
}

function withQuota(options) {
  const own = options.raw.slice(1, -1).trim();
  const quota = options.get("quota") === undefined ? `"quota":"cached"${own === "" ? "" : ","}` : "";
  return `{${quota}${own}}`;
}

/** The name of a key in KV and at the control plane. */
export async function digestOf(key) {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(key));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** What was received under a header's name; several values are joined as HTTP joins them. */
export function credential(headers, name) {
  const values = headers.members.filter(([given]) => given.toLowerCase() === name).flatMap(([, value]) => value.value);
  return values.length === 0 ? null : values.join(", ");
}

/**
 * The runtime meters of a request, as the module makes them.
 *
 * @param merge called with (state, "set" or "add", the change); what it refuses changes nothing
 */
export function runtimeMeters(request, merge) {
  let state = "";
  for (const operation of ["set", "add"]) {
    const changes = request.get(`${operation}Meters`);
    for (const change of changes?.items ?? (changes === undefined ? [] : [changes])) {
      try {
        state = merge(state, operation, change);
      } catch (error) {
        if (!(error instanceof MeterError)) throw error;
      }
    }
  }
  return state;
}
