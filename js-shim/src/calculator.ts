import { embeddedModule } from "#rating-wasm";

/**
 * A decimal: text keeps every digit, a number those that JavaScript writes. Up to 18 fractional digits in prices, 9 in
 * usage.
 */
export type Decimal = string | number;

/** `{"type": "unit", "amount": "0.10"}` inside a tier. */
export interface TierPrice<Type extends string> {
  type: Type;
  amount: Decimal;
}

export interface Tier {
  /** Inclusive; none on the last tier. */
  upToAmount?: Decimal | null;
  flatPrice?: TierPrice<"flat"> | null;
  unitPrice?: TierPrice<"unit"> | null;
}

export interface Commitments {
  minimumAmount?: Decimal | null;
  maximumAmount?: Decimal | null;
}

/** The price of a rate card. */
export type Price = { commitments?: Commitments | null } & (
  | { type: "flat"; amount: Decimal; paymentTerm?: "in_advance" | "in_arrears" | null }
  | { type: "unit"; amount: Decimal }
  | { type: "tiered"; mode: "graduated" | "volume"; tiers: Tier[] }
  | { type: "package"; amount: Decimal; quantityPerPackage: Decimal }
  | { type: "dynamic"; multiplier?: Decimal | null }
);

export interface Discounts {
  /** 0 to 100. */
  percentage?: Decimal | null;
  /** Given free before pricing. */
  usage?: { quantity: Decimal } | null;
}

/** One step of a rating: so many units (packages, of a package price) at a price, and what a tier costs to enter. */
export interface RatedStep {
  tier: number;
  quantity?: string;
  unitPrice?: string;
  flatPrice?: string;
  packageSize?: string;
  subtotal: string;
}

/**
 * What usage comes to and how, in the order in which it is computed. Every decimal is text, none was rounded but
 * `total`.
 */
export interface Rating {
  usage: string;
  freeQuantity?: string;
  steps: RatedStep[];
  price: string;
  discount?: string;
  commitment?: "minimum" | "maximum";
  beforeRounding: string;
  total: string;
}

export interface ProrationQuestion {
  fee: Decimal;
  from: string;
  to: string;
  at: string;
  /** `null`: time alone counts. */
  limit: Decimal | null;
  used: Decimal;
  currency: string;
}

/** One thing that is wrong with a question. */
export interface Violation {
  /** `price.tiers[1].upToAmount`. */
  field: string;
  rule: string;
  message: string;
}

/** A question that was refused; `violations` has everything that is wrong with it. */
export class QuestionError extends Error {
  override name = "QuestionError";
  readonly violations: readonly Violation[];

  constructor(violations: readonly Violation[]) {
    super(violations.map(({ field, message }) => `${field} ${message}`.trim()).join("; "));
    this.violations = violations;
  }
}

/** What `wasm/ABI.md` calls the rating module. */
interface RatingExports {
  memory: WebAssembly.Memory;
  tgr_abi_version(): number;
  tgr_input(length: number): number;
  tgr_output(): number;
  tgr_price(length: number): number;
  tgr_forget(handle: number): number;
  tgr_rate(handle: number, length: number): number;
  tgr_total(handle: number, length: number): number;
  tgr_prorate(length: number): number;
  tgr_period(length: number): number;
  tgr_alignment(length: number): number;
  tgr_status(length: number): number;
}

const ABI_VERSION = 1;
const encoder = new TextEncoder();
const decoder = new TextDecoder();

/**
 * Rates as the control plane bills, to the last cent, wherever JavaScript runs: for pricing pages and quotations.
 *
 * @example
 * const calculator = new Calculator();
 * const price = calculator.price({ price: { type: "unit", amount: "0.001" }, currency: "USD" });
 * price.total("100000"); // "100.00"
 */
export class Calculator {
  readonly #exports: RatingExports;

  /**
   * @param module default: the module inside this package. Where bytes may not be compiled synchronously: {@link load}.
   */
  constructor(module: WebAssembly.Module = embeddedModule()) {
    this.#exports = new WebAssembly.Instance(module).exports as unknown as RatingExports;
    const version = this.#exports.tgr_abi_version();
    if (version !== ABI_VERSION)
      throw new Error(`tollgate: the rating module has version ${version}, not ${ABI_VERSION}`);
  }

  /** From the bytes of the module (`tollgate/calculator/wasm`) or the response that brings them, without blocking. */
  static async load(source: BufferSource | Response | Promise<Response>): Promise<Calculator> {
    const given = await source;
    const bytes = given instanceof Response ? await given.arrayBuffer() : given;
    return new Calculator(await WebAssembly.compile(bytes));
  }

  /**
   * Checks a price and keeps it until it is forgotten; a calculator keeps up to 1 024.
   * @throws QuestionError naming every field that is wrong.
   */
  price(question: { price: Price; discounts?: Discounts | null; currency: string }): CalculatedPrice {
    return this.priceText(JSON.stringify(question));
  }

  /** The same for a question that is JSON already: digits stay as they are. */
  priceText(question: string): CalculatedPrice {
    const exports = this.#exports;
    const handle = exports.tgr_price(this.#put(question));
    if (handle < 0) throw this.#refusal(handle);
    return new CalculatedPrice(
      (usage) => this.#answer(exports.tgr_rate(handle, this.#put(usage))),
      (usage) => this.#answer(exports.tgr_total(handle, this.#put(usage))),
      () => exports.tgr_forget(handle),
    );
  }

  /** What is left of a fee paid in advance when the plan is changed. @throws QuestionError */
  prorate(question: ProrationQuestion): { credit: string } {
    return JSON.parse(this.prorateText(JSON.stringify(question)));
  }

  /** @throws QuestionError */
  prorateText(question: string): string {
    return this.#answer(this.#exports.tgr_prorate(this.#put(question)));
  }

  /** The billing period around a moment: `{anchor, cadence, at}` → `{from, to}`. @throws QuestionError */
  period(question: { anchor: string; cadence: string; at: string }): { from: string; to: string } {
    return JSON.parse(this.periodText(JSON.stringify(question)));
  }

  /** @throws QuestionError */
  periodText(question: string): string {
    return this.#answer(this.#exports.tgr_period(this.#put(question)));
  }

  /** Whether bills of a plan and a rate card come together: two cadences. @throws QuestionError */
  alignment(question: { plan: string; rateCard: string }): { aligned: boolean } {
    return JSON.parse(this.alignmentText(JSON.stringify(question)));
  }

  /** @throws QuestionError */
  alignmentText(question: string): string {
    return this.#answer(this.#exports.tgr_alignment(this.#put(question)));
  }

  /** The status of a subscription by its dates. @throws QuestionError */
  status(question: { activeFrom: string; activeTo: string | null; now: string }): { status: string; access: boolean } {
    return JSON.parse(this.statusText(JSON.stringify(question)));
  }

  /** @throws QuestionError */
  statusText(question: string): string {
    return this.#answer(this.#exports.tgr_status(this.#put(question)));
  }

  /** Puts a text where the module reads it. The view is made anew: the call before it may have made memory grow. */
  #put(text: string): number {
    const { memory, tgr_input } = this.#exports;
    const bytes = encoder.encode(text);
    const address = tgr_input(bytes.length) >>> 0;
    new Uint8Array(memory.buffer, address, bytes.length).set(bytes);
    return bytes.length;
  }

  #text(length: number): string {
    const address = this.#exports.tgr_output() >>> 0;
    return decoder.decode(new Uint8Array(this.#exports.memory.buffer, address, length));
  }

  #answer(result: number): string {
    if (result < 0) throw this.#refusal(result);
    return this.#text(result);
  }

  #refusal(result: number): QuestionError {
    return new QuestionError(JSON.parse(this.#text(-1 - result)));
  }
}

/** A price that a {@link Calculator} keeps. */
export class CalculatedPrice {
  readonly #rate: (usage: string) => string;
  readonly #total: (usage: string) => string;
  readonly #forget: () => void;

  /** Made by {@link Calculator.price}. */
  constructor(rate: (usage: string) => string, total: (usage: string) => string, forget: () => void) {
    this.#rate = rate;
    this.#total = total;
    this.#forget = forget;
  }

  /** What usage comes to, and how. @throws QuestionError for what is no decimal ≥ 0, or cannot be rated. */
  rate(usage: Decimal): Rating {
    return JSON.parse(this.rateText(usage));
  }

  /** The same as JSON. */
  rateText(usage: Decimal): string {
    return this.#rate(String(usage));
  }

  /** The total alone: `"8.70"`, with the digits of the currency. */
  total(usage: Decimal): string {
    return this.#total(String(usage));
  }

  /** Makes room for another price; this one is not to be used any more. */
  forget(): void {
    this.#forget();
  }
}
