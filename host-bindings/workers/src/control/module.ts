import compiled from "../../../../build/wasi/control.wasm";
import { type ControlRequest, type ControlResponse, decodeResponse, encodeRequest } from "./frame.js";
import { performSql } from "./sql.js";
import { type MemoryView, WireReader } from "./wire.js";

interface Exports {
  memory: WebAssembly.Memory;
  tgc_abi_version(): number;
  tgc_request(length: number): number;
  tgc_handle(length: number): number;
  tgc_response(): number;
  tgc_rows(length: number): number;
}

const ABI_VERSION = 2;
const decoder = new TextDecoder();

/**
 * The control module of this isolate. It keeps nothing between two calls, so all objects of the isolate share one
 * instance; a call is synchronous, and for its length works on the database of one object.
 */
class ControlModule {
  #exports: Exports | undefined;
  #memory: MemoryView = viewOf(new ArrayBuffer());
  #sql: SqlStorage | undefined;
  /** Statements by address: they are constants of the module. */
  #statements = new Map<number, string>();
  /** How many instances of this isolate trapped. */
  traps = 0;

  /** Throws when the module traps: the instance is dropped, and the next call makes another. */
  handle(sql: SqlStorage | undefined, request: ControlRequest): ControlResponse {
    this.#exports ??= this.#instantiate();
    this.#sql = sql;
    try {
      return this.#call(this.#exports, encodeRequest(request));
    } catch (error) {
      this.#exports = undefined;
      this.#statements.clear();
      this.traps++;
      console.error(JSON.stringify({ level: "error", message: "the control module trapped", traps: this.traps }));
      throw error;
    } finally {
      this.#sql = undefined;
    }
  }

  #instantiate(): Exports {
    const sql = (...place: [number, number, number, number]) => this.#performSql(...place);
    const instance = new WebAssembly.Instance(compiled, { tollgate: { sql } });
    const exports = instance.exports as unknown as Exports;
    const version = exports.tgc_abi_version();
    if (version !== ABI_VERSION) throw new Error(`control.wasm has ABI ${version}, this host has ${ABI_VERSION}`);
    return exports;
  }

  #call(exports: Exports, frame: Uint8Array): ControlResponse {
    const room = exports.tgc_request(frame.length);
    this.#view(exports).bytes.set(frame, room);
    const length = exports.tgc_handle(frame.length);
    return decodeResponse(new WireReader(this.#view(exports), exports.tgc_response(), length));
  }

  #performSql(statement: number, statementLength: number, bindings: number, bindingsLength: number): number {
    const exports = this.#exports as Exports;
    const memory = this.#view(exports);
    let text = this.#statements.get(statement);
    if (text === undefined) {
      text = decoder.decode(memory.bytes.subarray(statement, statement + statementLength));
      this.#statements.set(statement, text);
    }
    const { done, bytes } =
      this.#sql === undefined
        ? { done: false, bytes: new Uint8Array() }
        : performSql(this.#sql, text, new WireReader(memory, bindings, bindingsLength));
    const room = exports.tgc_rows(bytes.length);
    this.#view(exports).bytes.set(bytes, room);
    return done ? bytes.length : -1 - bytes.length;
  }

  /** What was made of the memory lasts until it grows. */
  #view({ memory }: Exports): MemoryView {
    if (this.#memory.bytes.buffer !== memory.buffer) this.#memory = viewOf(memory.buffer);
    return this.#memory;
  }
}

function viewOf(buffer: ArrayBuffer): MemoryView {
  return { bytes: new Uint8Array(buffer), view: new DataView(buffer) };
}

export const controlModule = new ControlModule();
