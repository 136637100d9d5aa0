import { type Fields, linesOf } from "./fields.js";
import type { GatewayModule } from "./module.js";

/** Bytes of one question: the module takes more, and nobody is to wait for long. */
const PIECE_BYTES = 32 * 1024;

/** What a response used, as far as it said so. */
export interface MeterReading {
  /** For `Gate.finish`; empty for none. */
  meters: string;
  /** Meters whose value was missing, and why. */
  faults: { meter: string; reason: string }[];
  /** A value is missing whose route refuses that. */
  refused: boolean;
  /** Why there is none at all: the module failed. */
  lost?: string;
}

/** Reads the meters of one response: those of its head at once, those of its body while that passes by. */
export class ResponseReader {
  /** A value is missing whose route refuses the response: known before the body. */
  readonly refused: boolean;
  /** Whether there is anything to be read in the body, still. */
  wantsBody: boolean;
  readonly #module: GatewayModule;
  readonly #handle: number;

  /**
   * @param fields of the response: meters may stand in them
   * @throws Error where more responses are read than a module takes
   */
  constructor(module: GatewayModule, route: number, status: number, fields: Fields) {
    const { result, text } = module.ask("begin_reading", route, `${status}\n${linesOf(fields)}`);
    if (result < 0) throw new Error("tollgate: too many responses are being read");
    this.#module = module;
    this.#handle = result;
    this.refused = text === "refused";
    this.wantsBody = text === "body";
  }

  feed(piece: Uint8Array): void {
    for (let at = 0; this.wantsBody && at < piece.length; at += PIECE_BYTES) {
      this.wantsBody = this.#module.tell("feed", this.#handle, piece.subarray(at, at + PIECE_BYTES)) === 1;
    }
  }

  /** Nothing more comes. To be called once. @param whole the body came to its end */
  end(whole: boolean): MeterReading {
    const { result, text } = this.#module.ask("end_reading", this.#handle, whole ? "whole" : "cut");
    if (result < 0) throw new Error("tollgate: the response is not read any more");
    return JSON.parse(text);
  }
}
