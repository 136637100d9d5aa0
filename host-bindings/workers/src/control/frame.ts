import { WireReader, WireWriter } from "./wire.js";

/** Requests to the control module and its responses (wasm/ABI.md, "Frames"; `src/control/frame.cpp` is the other side). */

export type Role = "bucket" | "ledger";
/** `api`: somebody outside, to be authenticated. `host`: ourselves. */
export type Entry = "api" | "host";

export interface Settings {
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
  /** 256 random bytes. */
  seed: Uint8Array;
  settings: Settings;
  answers: LedgerAnswer[];
}

export interface LedgerRequest {
  /** To be given back with the answer. */
  question: string;
  ledger: string;
  path: string;
  body: Uint8Array;
}

export interface LedgerAnswer {
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
  needs: LedgerRequest[];
  /** The outbox has rows. */
  outbox: boolean;
  /** For the operator; empty when all is well. */
  log: string;
}

export const SEED_BYTES = 256;

/** Any refusal and any failure is rolled back. */
export function commits(response: ControlResponse): boolean {
  return response.status >= 200 && response.status < 300;
}

export function encodeRequest(request: ControlRequest): Uint8Array {
  const wire = new WireWriter();
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

export function decodeResponse(frame: Uint8Array): ControlResponse {
  const wire = new WireReader(frame);
  const list = <T>(read: () => T): T[] => Array.from({ length: wire.word() }, read);
  return {
    status: wire.word(),
    headers: list(() => [wire.text(), wire.text()]),
    body: wire.bytes(),
    needs: list(() => ({ question: wire.text(), ledger: wire.text(), path: wire.text(), body: wire.bytes() })),
    outbox: wire.word() === 1,
    log: wire.text(),
  };
}
