// What the requests of the suites `policy` and `edge` have in common.

import { entries, object, string } from "./checks.mjs";

/** `headers`, and `path` where it is there. */
export function checkHeaders(request, where) {
  for (const [name, value] of entries(request.get("headers"), `${where}: headers`)) {
    const values = value.items ?? [value];
    for (const one of values) string(one, `${where}: headers.${name}`);
  }
  if (request.get("path") !== undefined) string(request.get("path"), `${where}: path`);
}

/** `setMeters` and `addMeters`: objects, or lists of objects. */
export function checkMeterChanges(request, where) {
  for (const field of ["setMeters", "addMeters"]) {
    const changes = request.get(field);
    for (const change of changes?.items ?? (changes === undefined ? [] : [changes]))
      object(change, `${where}: ${field}`);
  }
}
