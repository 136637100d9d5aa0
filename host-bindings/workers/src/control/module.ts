import compiled from "../../../../build/wasi/control.wasm";
import { type ControlRequest, type ControlResponse, decodeResponse, encodeRequest } from "./frame.js";
import { performSql } from "./sql.js";

interface Exports {
  memory: WebAssembly.Memory;
  tgc_abi_version(): number;
  tgc_request(length: number): number;
  tgc_handle(length: number): number;
  tgc_response(): number;
  tgc_rows(length: number): number;
}

const ABI_VERSION = 1;
const decoder = new TextDecoder();

/**
 * The control module of this isolate. It keeps nothing between two calls, so all objects of the isolate share one instance;
 * a call is synchronous, and for its length works on the database of one object.
 */
export class ControlModule {
  #exports: Exports | undefined;
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
      return call(this.#exports, encodeRequest(request));
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

  #performSql(statement: number, statementLength: number, bindings: number, bindingsLength: number): number {
    const exports = this.#exports as Exports;
    const { buffer } = exports.memory;
    let text = this.#statements.get(statement);
    if (text === undefined) {
      text = decoder.decode(new Uint8Array(buffer, statement, statementLength));
      this.#statements.set(statement, text);
    }
    const result =
      this.#sql === undefined
        ? { done: false, bytes: new Uint8Array() }
        : performSql(this.#sql, text, new Uint8Array(buffer, bindings, bindingsLength));
    const { length } = result.bytes;
    const room = exports.tgc_rows(length);
    new Uint8Array(exports.memory.buffer, room, length).set(result.bytes);
    return result.done ? length : -1 - length;
  }
}

function call(exports: Exports, frame: Uint8Array): ControlResponse {
  const room = exports.tgc_request(frame.length);
  new Uint8Array(exports.memory.buffer, room, frame.length).set(frame);
  const length = exports.tgc_handle(frame.length);
  return decodeResponse(new Uint8Array(exports.memory.buffer, exports.tgc_response(), length));
}

export const controlModule = new ControlModule();
