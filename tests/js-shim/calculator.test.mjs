// The price calculator of the package.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { test } from "node:test";
import * as esm from "tollgate/calculator";

const { Calculator, QuestionError } = esm;
const require = createRequire(import.meta.url);
const manifest = require("tollgate/package.json");
const root = dirname(require.resolve("tollgate/package.json"));
const wasm = readFileSync(require.resolve("tollgate/calculator/wasm"));

const unit = (amount) => ({ price: { type: "unit", amount }, currency: "USD" });
const fields = (ask) => {
  try {
    ask();
  } catch (error) {
    assert.ok(error instanceof QuestionError, error.stack);
    return error.violations.map(({ field, rule }) => `${field} ${rule}`);
  }
  assert.fail("nothing was refused");
};

test("import and require give the same names, and each entry gets at the module in its host's own way", () => {
  assert.deepEqual(Object.keys(require("tollgate/calculator")).sort(), Object.keys(esm).sort());
  const entry = (name) => readFileSync(join(root, manifest.exports["./calculator"][name].default), "utf8");
  assert.match(entry("workerd"), /from "\.\/rating\.wasm"/);
  assert.match(entry("edge-light"), /from "\.\/rating\.wasm\?module"/);
  for (const name of ["workerd", "edge-light"]) assert.doesNotMatch(entry(name), /AGFzbQ/);
  for (const name of ["import", "require"]) assert.match(entry(name), /AGFzbQ/);
  assert.deepEqual(WebAssembly.Module.imports(new WebAssembly.Module(wasm)), []);
});

test("it says what usage comes to, and how", () => {
  const price = new Calculator().price({
    price: {
      type: "tiered",
      mode: "graduated",
      tiers: [
        { upToAmount: 1000, flatPrice: { type: "flat", amount: 5 }, unitPrice: { type: "unit", amount: 0.1 } },
        { unitPrice: { type: "unit", amount: "0.05" } },
      ],
      commitments: { maximumAmount: "90" },
    },
    discounts: { percentage: 10, usage: { quantity: 100 } },
    currency: "USD",
  });
  assert.equal(price.total(1200), "90.00");
  assert.deepEqual(price.rate("1200"), {
    usage: "1200",
    freeQuantity: "100",
    steps: [
      { tier: 0, quantity: "1000", unitPrice: "0.1", flatPrice: "5", subtotal: "105" },
      { tier: 1, quantity: "100", unitPrice: "0.05", subtotal: "5" },
    ],
    price: "110",
    discount: "11",
    commitment: "maximum",
    beforeRounding: "90",
    total: "90.00",
  });
});

test("digits that a number would lose are kept in text", () => {
  const price = new Calculator().priceText('{"price":{"type":"unit","amount":0.000000000000000001},"currency":"KWD"}');
  assert.equal(price.rate("500000000000000").beforeRounding, "0.0005");
  assert.equal(price.total("500000000000000"), "0.001");
});

test("a question that is refused names every field", () => {
  const calculator = new Calculator();
  assert.deepEqual(
    fields(() =>
      calculator.price({
        price: {
          type: "tiered",
          mode: "volume",
          tiers: [
            { upToAmount: 10, unitPrice: { type: "unit", amount: "x" } },
            { upToAmount: 5, flatPrice: { type: "flat", amount: -1 } },
          ],
        },
        discounts: { percentage: 101 },
        currency: "EURO",
      }),
    ).sort(),
    [
      "currency length",
      "discounts.percentage range",
      "price.tiers[0].unitPrice.amount decimal",
      "price.tiers[1].flatPrice.amount range",
      "price.tiers[1].upToAmount last_tier_open",
    ],
  );
  assert.deepEqual(
    fields(() => calculator.priceText("{")),
    [" json"],
  );
  assert.deepEqual(
    fields(() => calculator.priceText("[]")),
    [" type"],
  );
  assert.deepEqual(
    fields(() => calculator.priceText("{}")),
    ["price required", "currency required"],
  );
  assert.deepEqual(
    fields(() => calculator.price({ ...unit("1"), colour: "red" })),
    ["colour unknown_field"],
  );
});

test("usage that is refused", () => {
  const calculator = new Calculator();
  const price = calculator.price(unit("999999999999999999"));
  for (const usage of ["", "-", "1e", "0x10", "NaN", "1".repeat(2_000_000), "\u0660", "0.0000000001", 1e21])
    assert.deepEqual(
      fields(() => price.total(usage)),
      ["usage decimal"],
    );
  assert.deepEqual(
    fields(() => price.total(-1)),
    ["usage negative_usage"],
  );
  assert.deepEqual(
    fields(() => price.rate("999999999999999999")),
    ["usage overflow"],
  );
  assert.equal(price.total(1), "999999999999999999.00");
});

test("a calculator keeps 1 024 prices, and forgets", () => {
  const calculator = new Calculator();
  const prices = Array.from({ length: 1024 }, (_, i) => calculator.price(unit(i)));
  assert.deepEqual(
    fields(() => calculator.price(unit(1))),
    ["price too_many"],
  );
  prices[7].forget();
  assert.deepEqual(
    fields(() => prices[7].total(1)),
    ["price handle"],
  );
  assert.equal(calculator.price(unit("0.5")).total(3), "1.50");
  prices.forEach((price, i) => {
    if (i !== 7) assert.equal(price.total(2), `${2 * i}.00`);
  });
});

test("it loads from a module, from bytes and from a response", async () => {
  for (const calculator of [
    new Calculator(new WebAssembly.Module(wasm)),
    await Calculator.load(wasm),
    await Calculator.load(new Response(wasm, { headers: { "content-type": "application/wasm" } })),
  ])
    assert.equal(calculator.price(unit("0.1")).total(3), "0.30");
});

test("proration, periods, alignment and status", () => {
  const calculator = new Calculator();
  const question = {
    fee: "29.00",
    from: "2026-06-01T00:00:00Z",
    to: "2026-07-01T00:00:00Z",
    at: "2026-06-16T00:00:00Z",
    limit: 10000,
    used: "7000",
    currency: "USD",
  };
  assert.deepEqual(calculator.prorate(question), { credit: "8.70" });
  assert.deepEqual(calculator.prorate({ ...question, limit: null }), { credit: "14.50" });
  assert.deepEqual(
    fields(() => calculator.prorate({ ...question, to: question.from })),
    ["to range"],
  );
  assert.deepEqual(
    fields(() => calculator.prorate({ ...question, at: "yesterday" })),
    ["at date_time"],
  );
  const anchor = "2026-01-31T00:00:00Z";
  assert.deepEqual(calculator.period({ anchor, cadence: "P1M", at: "2026-03-01T00:00:00Z" }), {
    from: "2026-02-28T00:00:00Z",
    to: "2026-03-31T00:00:00Z",
  });
  assert.deepEqual(
    fields(() => calculator.period({ anchor, cadence: "P1X", at: anchor })),
    ["cadence cadence"],
  );
  assert.deepEqual(
    fields(() => calculator.period({ anchor, cadence: "P1Y", at: "9999-12-31T00:00:00Z" })),
    ["at range"],
  );
  assert.deepEqual(calculator.alignment({ plan: "P3M", rateCard: "P2M" }), { aligned: false });
  assert.deepEqual(calculator.status({ activeFrom: anchor, activeTo: null, now: anchor }), {
    status: "active",
    access: true,
  });
});
