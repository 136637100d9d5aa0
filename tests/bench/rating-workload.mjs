// What P10 rates: prices of every kind, and pairs of a price and a usage.

import { random } from "./workload.mjs";

const unit = (amount) => ({ type: "unit", amount });
const flat = (amount) => ({ type: "flat", amount });

const three = [
  { upToAmount: "1000", unitPrice: unit("0.10") },
  { upToAmount: "10000", unitPrice: unit("0.05") },
  { unitPrice: unit("0.01") },
];
const allowance = [{ upToAmount: "10000", flatPrice: flat("499.00") }, { unitPrice: unit("0.0005") }];
const ten = Array.from({ length: 10 }, (_, i) => ({
  ...(i < 9 ? { upToAmount: String((i + 1) * 2000) } : {}),
  flatPrice: flat(String(i)),
  unitPrice: unit(`0.0${10 - i}25`),
}));

/** What a calculator is asked for each price. */
export const prices = [
  { price: unit("0.001"), currency: "USD" },
  { price: { type: "tiered", mode: "graduated", tiers: three }, currency: "USD" },
  { price: { type: "tiered", mode: "volume", tiers: three }, currency: "EUR" },
  { price: { type: "tiered", mode: "graduated", tiers: allowance }, currency: "USD" },
  { price: { type: "package", amount: "10.00", quantityPerPackage: "1000" }, currency: "JPY" },
  { price: { type: "dynamic", multiplier: "1.2" }, currency: "KWD" },
  {
    price: {
      type: "tiered",
      mode: "graduated",
      tiers: ten,
      commitments: { minimumAmount: "20", maximumAmount: "900" },
    },
    discounts: { percentage: "12.5", usage: { quantity: "100" } },
    currency: "USD",
  },
  { price: flat("29.00"), discounts: { percentage: "10" }, currency: "USD" },
];

const pick = random(10);
const PAIRS = 4096;

/** `{price: index, usage: decimal}`; three quarters of the usages are whole. */
export const pairs = Array.from({ length: PAIRS }, (_, i) => ({
  price: i % prices.length,
  usage: `${pick(25_000)}${i % 4 === 0 ? `.${1 + pick(999)}5` : ""}`,
}));
