import { embeddedModule } from "#gateway-wasm";

/** What `wasm/ABI.md` calls a question to the gateway module: about a subject, with so many bytes of text. */
type Question = (subject: number, length: number) => number;

interface GatewayExports {
  memory: WebAssembly.Memory;
  tgg_abi_version(): number;
  tgg_input(length: number): number;
  tgg_output(): number;
  tgg_output_length(): number;
  tgg_configure: Question;
  tgg_match: Question;
  tgg_preflight: Question;
  tgg_request_fields: Question;
  tgg_own_fields: Question;
  tgg_response_fields: Question;
  tgg_cors_fields: Question;
  tgg_problem: Question;
  tgg_begin_reading: Question;
  tgg_feed: Question;
  tgg_end_reading: Question;
  tgg_sort_refused: Question;
}

/** The questions, without their prefix. */
type QuestionName = {
  [Name in keyof GatewayExports]: GatewayExports[Name] extends Question
    ? Name extends `tgg_${infer Short}`
      ? Exclude<Short, "abi_version" | "input" | "output" | "output_length">
      : never
    : never;
}[keyof GatewayExports];

const ABI_VERSION = 1;
const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** What a question was answered: a number, negative for a refusal, and a text. */
interface GatewayAnswer {
  result: number;
  text: string;
}

/** One instance of the gateway module. Its memory does not grow. */
export class GatewayModule {
  /** It has trapped: nothing may be called any more. */
  dead = false;
  readonly #exports: GatewayExports;
  readonly #memory: Uint8Array<ArrayBuffer>;

  constructor(module: WebAssembly.Module = embeddedModule()) {
    this.#exports = new WebAssembly.Instance(module).exports as unknown as GatewayExports;
    const version = this.#exports.tgg_abi_version();
    if (version !== ABI_VERSION)
      throw new Error(`tollgate: the gateway module has version ${version}, not ${ABI_VERSION}`);
    this.#memory = new Uint8Array(this.#exports.memory.buffer as ArrayBuffer);
  }

  /** @throws RangeError for a text that is longer than the module takes. */
  ask(name: QuestionName, subject: number, text: string | Uint8Array): GatewayAnswer {
    const result = this.tell(name, subject, text);
    const address = this.#exports.tgg_output() >>> 0;
    const length = this.#exports.tgg_output_length();
    return { result, text: length === 0 ? "" : decoder.decode(this.#memory.subarray(address, address + length)) };
  }

  /** The same where the number is all that counts. */
  tell(name: QuestionName, subject: number, text: string | Uint8Array): number {
    if (this.dead) throw new Error("tollgate: the gateway module has trapped before");
    const bytes = typeof text === "string" ? encoder.encode(text) : text;
    try {
      const address = this.#exports.tgg_input(bytes.length) >>> 0;
      if (address === 0) throw new RangeError(`tollgate: ${bytes.length} bytes are more than the gateway module takes`);
      this.#memory.set(bytes, address);
      return this.#exports[`tgg_${name}`](subject, bytes.length);
    } catch (error) {
      this.dead = error instanceof WebAssembly.RuntimeError;
      throw error;
    }
  }
}
