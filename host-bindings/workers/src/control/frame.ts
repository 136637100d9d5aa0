import { type WireReader, WireWriter } from "./wire.js";

/** Requests to the control module, and its responses (wasm/ABI.md, "Frames"; other side: `control/port/frame.cpp`). */

export type Role = "bucket" | "ledger";
/** `api`: somebody outside, to be authenticated. `host`: ourselves. */
type Entry = "api" | "host";

interface Settings {
  adminKey: string;
  local: boolean;
}

export interface ControlRequest {
  role: Role;
  entry: Entry;
  /** `working-copy` of a bucket, `working-copy/01K…` of a ledger. */
  object: string;
  method: string;
  /** Path and query. */
  target: string;
  headers: [name: string, value: string][];
  body: Uint8Array;
  /** Milliseconds since 1970. */
  now: number;
  /** 32 random bytes. */
  seed: Uint8Array;
  settings: Settings;
  answers: ObjectAnswer[];
}

/** A question to another object: a ledger, or another bucket. */
export interface ObjectRequest {
  /** To be given back with the answer. */
  question: string;
  role: Role;
  object: string;
  path: string;
  body: Uint8Array;
  /** The time that the other object is to go by. */
  now: number;
}

export interface ObjectAnswer {
  question: string;
  /** 0: unreachable. */
  status: number;
  body: Uint8Array;
}

export interface ControlResponse {
  /** An HTTP status, or 0: `needs` first. */
  status: number;
  headers: [name: string, value: string][];
  body: Uint8Array;
  needs: ObjectRequest[];
  work: Work;
  /** After a change: when timers are to be run next, infinity: not as things stand; undefined: nothing is said. */
  nextTimers: number | undefined;
  /** For the operator; empty when all is well. */
  log: string;
}

/** What a commit left behind: nothing; something to pump after the answer; something to pump before it. */
export enum Work {
  None = 0,
  Soon = 1,
  First = 2,
}

export const SEED_BYTES = 32;

/** Any refusal and any failure is rolled back. */
export function commits(response: ControlResponse): boolean {
  return response.status >= 200 && response.status < 300;
}

const wire = new WireWriter();

/** The frame, until the next one is encoded. */
export function encodeRequest(request: ControlRequest): Uint8Array {
  wire.clear();
  wire.word(request.role === "bucket" ? 0 : 1);
  wire.word(request.entry === "api" ? 0 : 1);
  wire.text(request.object);
  wire.text(request.method);
  wire.text(request.target);
  wire.word(request.headers.length);
  for (const [name, value] of request.headers) {
    wire.text(name);
    wire.text(value);
  }
  wire.bytes(request.body);
  wire.real(request.now);
  wire.bytes(request.seed);
  wire.text(request.settings.adminKey);
  wire.word(request.settings.local ? 1 : 0);
  wire.word(request.answers.length);
  for (const { question, status, body } of request.answers) {
    wire.text(question);
    wire.word(status);
    wire.bytes(body);
  }
  return wire.view();
}

export function decodeResponse(frame: WireReader): ControlResponse {
  const list = <T>(read: () => T): T[] => {
    const items: T[] = [];
    for (let left = frame.word(); left > 0; left--) items.push(read());
    return items;
  };
  return {
    status: frame.word(),
    headers: list(() => [frame.text(), frame.text()]),
    body: frame.bytes(),
    needs: list(() => ({
      question: frame.text(),
      role: frame.word() === 0 ? "bucket" : "ledger",
      object: frame.text(),
      path: frame.text(),
      body: frame.bytes(),
      now: frame.real(),
    })),
    work: frame.word(),
    nextTimers: optionalInstant(frame.real()),
    log: frame.text(),
  };
}

/** The last moment of the year 9999, which stands for never. */
const NEVER = 253_402_300_799_999;

function optionalInstant(ms: number): number | undefined {
  if (ms < 0) return undefined;
  return ms < NEVER ? ms : Number.POSITIVE_INFINITY;
}
