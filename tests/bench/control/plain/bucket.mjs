import { DurableObject } from "cloudflare:workers";
import { json, Refusal } from "./answers.mjs";
import { createCustomer, getCustomer, listCustomers, updateCustomer } from "./customers.mjs";
import { apiKey, equalInConstantTime, sha256 } from "./identity.mjs";
import { createSubscription, getSnapshot, getSubscription, listSubscriptions } from "./subscriptions.mjs";

const ALLOWED = {
  "POST customers": ["admin", "portal"],
  "GET customers": ["admin", "read-only"],
  "GET customers/": ["admin", "read-only", "portal"],
  "PUT customers/": ["admin", "portal"],
  "POST subscriptions": ["admin", "portal"],
  "GET subscriptions": ["admin", "read-only"],
  "GET subscriptions/": ["admin", "read-only", "portal"],
  "GET snapshots/": ["admin", "edge"],
};
/** Whose answers carry an entity tag. */
const TAGGED = new Set(["GET customers/", "PUT customers/"]);

/** A bucket: one transaction for each request, and an alarm where it leaves work behind. */
export class PlainBucket extends DurableObject {
  #nextTimer = 0;

  async serve(method, path, search, authorization, body) {
    const now = Date.now();
    const { storage } = this.ctx;
    // Nothing is ever due here.
    if (this.#nextTimer <= now) this.#nextTimer = storage.transactionSync(() => this.#firstTimer());
    const [, , , , collection, id = ""] = path.split("/");
    const route = `${method} ${collection}${id === "" ? "" : "/"}`;
    let leavesWork = false;
    let answer;
    try {
      const presented = await sha256(bearerKey(authorization));
      const query = new URLSearchParams(search);
      // What has to be awaited stands before the transaction.
      const key = route === "POST subscriptions" ? apiKey() : "";
      const request = {
        route,
        id: decodeURIComponent(id),
        query,
        body,
        now,
        key,
        keyDigest: key && (await sha256(key)),
      };
      storage.transactionSync(() => {
        answer = this.#perform(request, presented);
        if (method !== "GET") leavesWork = this.#hasWork(now);
      });
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return error.answer(path, now);
    }
    if (TAGGED.has(route)) answer.etag = `"${(await sha256(answer.body)).slice(0, 16)}"`;
    if (leavesWork) await this.#wakeAt(now);
    return answer;
  }

  async alarm() {}

  async #wakeAt(time) {
    const { storage } = this.ctx;
    const set = await storage.getAlarm();
    if (set === null || set > time) await storage.setAlarm(time);
  }

  #perform(request, presented) {
    const role = this.#roleOf(presented);
    const roles = ALLOWED[request.route];
    if (roles === undefined) throw new Refusal(404, "unknown_route", "There is nothing at this path.");
    if (!roles.includes(role)) throw new Refusal(403, "role", "The role of the service key does not allow this.");
    return this.#answer(request);
  }

  #answer({ route, id, query, body, now, key, keyDigest }) {
    const { sql } = this.ctx.storage;
    switch (route) {
      case "POST customers":
        return json(201, createCustomer(sql, body, now));
      case "GET customers":
        return json(200, listCustomers(sql, readPage(query), { key: query.get("key"), email: query.get("email") }));
      case "GET customers/":
        return json(200, getCustomer(sql, id));
      case "PUT customers/":
        return json(200, updateCustomer(sql, id, body, now));
      case "POST subscriptions":
        return json(201, createSubscription(sql, body, { text: key, digest: keyDigest }, now));
      case "GET subscriptions":
        return json(200, listSubscriptions(sql, readPage(query), now));
      case "GET subscriptions/":
        return json(200, getSubscription(sql, id, now));
      default:
        return json(200, getSnapshot(sql, id, now));
    }
  }

  #roleOf(presented) {
    const [found] = this.ctx.storage.sql
      .exec("SELECT digest, role FROM service_keys WHERE digest = ?", presented)
      .toArray();
    if (found === undefined || !equalInConstantTime(found.digest, presented)) {
      throw new Refusal(401, "unauthorized", "The service key is not known.");
    }
    return found.role;
  }

  #hasWork(now) {
    this.#nextTimer = this.#firstTimer();
    return this.#nextTimer <= now || this.ctx.storage.sql.exec("SELECT 1 FROM outbox LIMIT 1").toArray().length > 0;
  }

  #firstTimer() {
    const [[due]] = this.ctx.storage.sql.exec("SELECT min(due_at) FROM timers").raw().toArray();
    return due ?? Number.POSITIVE_INFINITY;
  }
}

function bearerKey(authorization) {
  const key = /^bearer +([\x21-\x2b\x2d-\x7e]{1,1000})$/i.exec(authorization)?.[1];
  if (key === undefined) throw new Refusal(401, "unauthorized", "A service key is required.");
  return key;
}

function readPage(query) {
  const number = Number(query.get("page") ?? 1);
  const size = Number(query.get("pageSize") ?? 20);
  const isGood = Number.isInteger(number) && Number.isInteger(size) && number >= 1 && size >= 1 && size <= 100;
  if (!isGood) throw new Refusal(400, "invalid_parameters", "must be a whole number");
  return { number, size };
}
