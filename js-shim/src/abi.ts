/**
 * What `wasm/ABI.md` fixes: the exports of the edge module and its numbers. Everything else in this package goes
 * through {@link EdgeModule}.
 */

/** The exports that this package calls. Every number is a 32-bit integer but the instants, which are doubles. */
export interface EdgeExports {
  memory: WebAssembly.Memory;
  _initialize?(): void;
  tg_abi_version(): number;
  tg_mailbox(): number;
  tg_init(): number;
  tg_configure(length: number, keyFormat: number): number;
  tg_build_id(length: number): number;
  tg_bucket(length: number): number;
  tg_policy(policy: number): number;
  tg_check(policy: number, headerLength: number, now: number): number;
  tg_check_known(policy: number, record: number, now: number): number;
  tg_resume(handle: number, status: number, length: number, takenAt: number, now: number): number;
  tg_next_woken(): number;
  tg_poll(handle: number, now: number): number;
  tg_take_over(handle: number, now: number): number;
  tg_abandon(handle: number): number;
  tg_record(handle: number): number;
  tg_identity(handle: number): number;
  tg_meters(length: number): number;
  tg_finish(handle: number, status: number, length: number): number;
  tg_problem(result: number, policy: number, length: number, now: number): number;
  tg_quota_headers(result: number, policy: number, now: number): number;
  tg_explain(policy: number, headerLength: number, now: number): number;
  tg_drain(maxEvents: number): number;
  tg_delivered(batch: number): number;
  tg_failed(batch: number): number;
  tg_stats(): number;
}

/** The version of the contract that this package speaks. */
export const ABI_VERSION = 2;

/** Words of the mailbox, by their place. */
export const enum Word {
  input = 0,
  inputCapacity = 1,
  output = 2,
  outputCapacity = 3,
  handle = 4,
  effect = 5,
  record = 6,
  storeSeconds = 7,
  woken = 8,
  status = 9,
  batch = 10,
  events = 11,
  taken = 12,
}

/** How many words the mailbox has. */
export const MAILBOX_WORDS = 13;

/** What a suspended request needs. */
export const enum Effect {
  none = 0,
  kvGet = 1,
  fetch = 2,
  wait = 3,
}

/** `tg_check_known`: the record was replaced, hand over the header. */
export const UNKNOWN_RECORD = -0x8000_0000;

/** The handle is not, or no longer, of a live request. */
export const STALE = -0x7fff_ffff;

/** The header length that says "no header": all bits set. */
export const NO_HEADER = -1;

/** Bytes of a credential header that can matter: a longer one is refused whatever it says. */
export const MAX_HEADER_BYTES = 1025;

/** Records of the cache. */
export const CACHE_RECORDS = 4096;

/** The bits of a record's tag that say its slot, 1 to {@link CACHE_RECORDS}; those above tell its uses apart. */
export const SLOT_MASK = 0x1fff;

/** Events of one batch at most. */
export const MAX_BATCH_EVENTS = 100;
