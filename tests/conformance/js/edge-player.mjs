// Plays the steps of a case of the suite `edge` on one bare module: its KV, its control plane and its queue are here.

import { EdgeModule } from "tollgate";
import { kindOf } from "./edge-file.mjs";
import { BUILD_ID, credential, digestOf, policyEntry, runtimeMeters, SEED } from "./request.mjs";

const KV_READ = 1;
const FETCH = 2;
const STALE = -0x7fff_ffff;

/** Why a case cannot be played on, which no legal case brings about. */
export class PlayError extends Error {}

export class EdgePlayer {
  #texts;
  #policies;
  #module;
  #requestId;
  #kv = new Map();
  /** What the control plane answers, by digest: {status, text?}. */
  #answers = new Map();
  /** Name → handle. */
  #open = new Map();
  #delivering = "all";
  #held = [];

  constructor(one, index, module) {
    const policies =
      one.get("policies") === undefined
        ? [["conformance", one.get("options")]]
        : one.get("policies").items.map((policy) => [policy.get("name").value, policy.get("options")]);
    this.#texts = new Map(
      one.get("snapshots").members.map(([name, value]) => [name, value.isObject ? value.compact : value.value]),
    );
    this.#policies = policies.map(([name]) => name);
    this.#requestId = (step) => `req_${index}_${step}`;
    const bucket = one.get("bucket")?.value;
    this.#module = new EdgeModule(module, {
      policies: `[${policies.map(([name, options]) => policyEntry(name, options)).join(",")}]`,
      keyFormat: one.get("keyFormat") === undefined ? "any" : "tgk",
      buildId: BUILD_ID,
      seed: SEED,
      ...(bucket === undefined ? {} : { bucket }),
    });
  }

  /** What came of a step: an entry for each time that its request was made, none where nothing answers. */
  async play(step, index) {
    const kind = kindOf(step);
    const value = step.get(kind);
    switch (kind) {
      case "request": {
        const times = [];
        for (let time = 0; time < (value.get("times")?.value ?? 1); time++) times.push(this.#ask(value, index));
        return times;
      }
      case "kv":
        for (const [key, copy] of value.members) await this.#putIntoKv(key, copy);
        return [];
      case "controlPlane":
        for (const [key, answer] of value.members) this.#answers.set(await digestOf(key), this.#answerOf(answer));
        return [];
      case "finish": {
        const handle = this.#open.get(value.get("request").value) ?? 0;
        const stale = this.#finish(handle, value) < 0;
        return [{ stale, batches: this.#drain() }];
      }
      case "abandon": {
        const stale = this.#module.abandon(this.#open.get(value.value) ?? 0) !== 0;
        return [{ stale, batches: this.#drain() }];
      }
      default:
        this.#changeDelivering(value.value);
        return [{ stale: false, batches: this.#drain() }];
    }
  }

  async #putIntoKv(key, copy) {
    const digest = await digestOf(key);
    if (copy.raw === "null") {
      this.#kv.delete(digest);
      return;
    }
    const text = this.#texts.get(copy.get("snapshot").value);
    this.#kv.set(digest, { text, takenAt: Date.parse(copy.get("takenAt").value), expiresAt: Number.POSITIVE_INFINITY });
  }

  #answerOf(answer) {
    if (answer.isObject) return { status: answer.get("status").value, text: "" };
    const text = this.#texts.get(answer.value);
    return text === undefined ? { status: 0, text: "" } : { status: 200, text };
  }

  #ask(request, step) {
    const now = Date.parse(request.get("now").value);
    const times = {
      askedAt: Date.parse(request.get("lookup")?.get("askedAt").value ?? request.get("now").value),
      answeredAt: Date.parse(request.get("lookup")?.get("answeredAt").value ?? request.get("now").value),
    };
    const policy = this.#policies.indexOf(request.get("policy")?.value ?? this.#policies[0]);
    const played = { kvReads: 0, lookups: 0, batches: [] };
    let result = this.#module.check(policy, credential(request.get("headers"), "authorization"), now);
    while (result === 0) result = this.#settle(times, played);
    if (result <= STALE) throw new PlayError("the request is gone");

    const decidedAt = played.lookups > 0 ? times.answeredAt : now;
    played.allowed = result > 0;
    played.headers = this.#module.quotaHeaders(result, policy, decidedAt);
    const name = request.get("leave")?.value;
    if (!played.allowed) {
      const path = request.get("path")?.value ?? "/";
      played.problem = this.#module.problem(result, policy, path, this.#requestId(step), decidedAt);
    } else if (name !== undefined) {
      this.#open.set(name, result);
    } else if (this.#finish(result, request) < 0) {
      throw new PlayError("the request cannot be finished");
    }
    played.batches = this.#drain();
    return played;
  }

  /** Performs the effect that a request waits for. */
  #settle({ askedAt, answeredAt }, played) {
    const module = this.#module;
    const { handle, effect, digest } = module;
    if (effect === KV_READ) {
      played.kvReads++;
      const copy = this.#kv.get(digest);
      if (copy === undefined || copy.expiresAt <= askedAt) return module.resume(handle, 404, "", 0, askedAt);
      return module.resume(handle, 200, copy.text, copy.takenAt, askedAt);
    }
    if (effect !== FETCH) throw new PlayError("it waits for a request that there is not");
    played.lookups++;
    const { status, text } = this.#answers.get(digest) ?? { status: 404, text: "" };
    const result = module.resume(handle, status, text, askedAt, answeredAt);
    const seconds = module.storeSeconds;
    if (seconds > 0) this.#kv.set(digest, { text, takenAt: askedAt, expiresAt: answeredAt + seconds * 1000 });
    return result;
  }

  #finish(handle, response) {
    const meters = runtimeMeters(response, (state, verb, { compact }) =>
      this.#module.mergeMeters(state, verb, compact),
    );
    return this.#module.finish(handle, response.get("status")?.value ?? 200, meters);
  }

  #changeDelivering(delivering) {
    this.#delivering = delivering;
    if (delivering === "hold" || delivering === "none") return;
    for (const batch of this.#held) this.#confirm(batch, delivering === "all");
    this.#held = [];
  }

  #confirm(batch, delivered) {
    if (delivered) this.#module.delivered(batch);
    else this.#module.failed(batch);
  }

  /** The bodies of the batches. */
  #drain() {
    if (this.#delivering === "none") return [];
    const texts = [];
    const failing = [];
    for (let batch = this.#module.drain(); batch !== undefined; batch = this.#module.drain()) {
      texts.push(batch.text);
      if (this.#delivering === "all") this.#confirm(batch.id, true);
      if (this.#delivering === "fail") failing.push(batch.id);
      if (this.#delivering === "hold") this.#held.push(batch.id);
    }
    for (const batch of failing) this.#confirm(batch, false);
    return texts;
  }
}
