// Plans at random: all models, price types and terms, in one currency and one family of cadences, so that a customer
// can change between them.

/** The features and meters that plans are about. */
export const METERS = { calls: "SUM", words: "SUM", bytes: "SUM", jobs: "COUNT", peak: "MAX" };
const FEATURES = Object.keys(METERS);

/** Cadences that divide each other, how long a life is with them, and durations of phases. */
const SCALES = [
  { cadences: ["PT1H"], cards: ["PT1H"], days: 3, durations: ["PT1H", "PT36H"] },
  { cadences: ["P1D"], cards: ["P1D", "P1W"], days: 25, durations: ["P7D", "PT36H"] },
  { cadences: ["P1W", "P2W", "P4W"], cards: ["P1W", "P2W", "P4W"], days: 150, durations: ["P14D", "P1M", "P7D"] },
  {
    cadences: ["P1M", "P3M", "P6M", "P12M", "P1Y"],
    cards: ["P1M", "P3M", "P6M", "P12M", "P1Y"],
    days: 420,
    durations: ["P14D", "P1M", "P2M", "P30D"],
  },
];
const CURRENCIES = ["USD", "USD", "EUR", "JPY", "KWD"];
const LENGTHS = { PT1H: 1, P1D: 24, P1W: 168, P2W: 336, P4W: 672, P1M: 1, P3M: 3, P6M: 6, P12M: 12, P1Y: 12 };

const aligned = (a, b) => Math.max(LENGTHS[a], LENGTHS[b]) % Math.min(LENGTHS[a], LENGTHS[b]) === 0;

/** A decimal with `digits` of its own. */
function decimal(random, below, digits) {
  const whole = random.below(below);
  const fraction = String(random.below(10 ** digits)).padStart(digits, "0");
  return digits === 0 ? String(whole) : `${whole}.${fraction}`;
}
const fee = (random) => random.pick(["0", "29.00", "99.99", "0.005", decimal(random, 300, random.below(5))]);
const small = (random) => random.pick(["0", "0.1", "0.0005", "1", decimal(random, 1, random.between(1, 9))]);
const flatPrice = (amount) => ({ type: "flat", amount });
const unitPrice = (amount) => ({ type: "unit", amount });

function tiers(random) {
  const count = random.between(1, 4);
  let top = 0;
  return Array.from({ length: count }, (_, index) => {
    top += random.pick([50, 100, 500, random.between(1, 900)]);
    const price = random.pick([
      { unitPrice: unitPrice(small(random)) },
      { flatPrice: flatPrice(fee(random)) },
      { flatPrice: flatPrice(fee(random)), unitPrice: unitPrice(small(random)) },
    ]);
    return index + 1 === count ? price : { upToAmount: top, ...price };
  });
}

function commitments(random) {
  if (!random.chance(25)) return {};
  const minimum = random.between(0, 50);
  const kinds = [
    { minimumAmount: String(minimum) },
    { maximumAmount: decimal(random, 200, 3) },
    { minimumAmount: `${minimum}.125`, maximumAmount: String(minimum + random.between(1, 60)) },
  ];
  return { commitments: random.pick(kinds) };
}

function usagePrice(random) {
  const size = random.pick([100, 1, 1000, "2.5"]);
  const price = random.pick([
    unitPrice(small(random)),
    { type: "tiered", mode: "graduated", tiers: tiers(random) },
    { type: "tiered", mode: "volume", tiers: tiers(random) },
    { type: "package", amount: fee(random), quantityPerPackage: size },
    { type: "dynamic", ...(random.chance(80) && { multiplier: decimal(random, 2, 3) }) },
  ]);
  return { ...price, ...commitments(random) };
}

function discounts(random, usage) {
  const percentage = random.chance(25) ? { percentage: random.pick([10, "12.5", "33.333", 100]) } : {};
  const free = usage && random.chance(25) ? { usage: { quantity: random.pick([10, 100, "0.5"]) } } : {};
  const both = { ...percentage, ...free };
  return Object.keys(both).length > 0 ? { discounts: both } : {};
}

/** What a card grants. `prepaid`: whether something that does not reset may be among it. */
function entitlement(random, key, prepaid) {
  const issueAfterReset = random.pick([100, 500, 1000, "250.5", 0]);
  const isSum = METERS[key] === "SUM";
  const kinds = [
    [3, { issueAfterReset, isSoftLimit: false }],
    [3, { issueAfterReset, isSoftLimit: true }],
    [1, { isSoftLimit: true }],
    [1, { issueAfterReset, isSoftLimit: true, preserveOverageAtReset: true }],
    [isSum && prepaid ? 3 : 0, { issueAfterReset, resets: false }],
  ];
  return { entitlementTemplate: { type: "metered", ...random.weighted(kinds) } };
}

function feeCard(random, key, cadences) {
  const term = random.chance(30) ? { paymentTerm: "in_arrears" } : {};
  const recurs = random.chance(75) ? { billingCadence: random.pick(cadences) } : {};
  const price = random.chance(90) ? { price: { ...flatPrice(fee(random)), ...term } } : {};
  return { type: "flat_fee", key, name: key, ...recurs, ...price, ...discounts(random, false) };
}

function featureCard(random, key, cadences) {
  const grants = random.chance(60) ? entitlement(random, key, true) : {};
  if (random.chance(35)) return { ...feeCard(random, key, cadences), featureKey: key, ...grants };
  const price = random.chance(93) ? { price: usagePrice(random) } : {};
  const card = { type: "usage_based", key, name: key, featureKey: key, billingCadence: random.pick(cadences) };
  return { ...card, ...price, ...discounts(random, true), ...grants };
}

function phase(random, key, cadences) {
  const features = random.shuffled(FEATURES).slice(0, random.between(1, 4));
  const cards = features.map((feature) => featureCard(random, feature, cadences));
  const fees = ["base", "support"].slice(0, random.below(3)).map((name) => feeCard(random, name, cadences));
  return { key, name: key, rateCards: random.shuffled([...fees, ...cards]) };
}

function plan(random, key, currency, scale) {
  const billingCadence = random.pick(scale.cadences);
  const cadences = [billingCadence, ...scale.cards.filter((cadence) => aligned(billingCadence, cadence))];
  const phases = Array.from({ length: random.pick([1, 1, 2, 3]) }, (_, index) => phase(random, `p${index}`, cadences));
  for (const early of phases.slice(0, -1)) early.duration = random.pick(scale.durations);
  const proRatingConfig = random.chance(15) ? { proRatingConfig: { enabled: false } } : {};
  return { key, name: key, currency, billingCadence, ...proRatingConfig, phases };
}

/** What can be bought on top. */
function pack(random, key, currency, feature) {
  const entitlementTemplate = { type: "metered", issueAfterReset: random.pick([100, 50, "75.25"]), resets: false };
  const price = random.chance(85) ? { price: flatPrice(fee(random)) } : {};
  const card = { type: "flat_fee", key: feature, name: feature, featureKey: feature, ...price, entitlementTemplate };
  const phases = [{ key: "default", name: "Default", rateCards: [{ ...card, ...discounts(random, false) }] }];
  return { key, name: key, currency, billingCadence: "P1M", phases };
}

/** Everything that a life can buy: `{scale, plans, packs}`; keys begin with `prefix`. */
export function catalogOf(random, prefix) {
  const scale = random.weighted(SCALES.map((one, index) => [[1, 2, 3, 8][index], one]));
  const currency = random.pick(CURRENCIES);
  const plans = Array.from({ length: 4 }, (_, index) => plan(random, `${prefix}_${index}`, currency, scale));
  const sums = FEATURES.filter((key) => METERS[key] === "SUM");
  const packs = sums.map((feature) => pack(random, `${prefix}_pack_${feature}`, currency, feature));
  return { scale, plans, packs };
}
