// The lines of one invoice, in whole minor units.

import { ZERO } from "./fraction.mjs";
import { rate } from "./prices.mjs";

const smaller = (a, b) => (a < b ? a : b);

function lateLine({ line, billed, all }, currency) {
  const amount = rate(line.card, all, currency) - rate(line.card, billed, currency);
  const { key, card, period } = line;
  return { kind: "late_usage", key, card: card.key, period, usage: all, billedUsage: billed, amount };
}

/**
 * Everything that is due, with the credit of each fee behind it; what is kept; late usage; the credit that reduces
 * anything; what is carried on.
 *
 * @param plan whose currency it is
 * @param due `{line, usage?}`
 * @param late `{line, billed, all}`
 * @param kept lines that stand already
 * @param change what there is of credits for changes of plan: they reduce fees in advance
 * @param carried what there is of credits that reduce anything
 */
export function draw(plan, { due, late = [], kept = [], change, carried }) {
  const used = { change: 0n, carried: 0n };
  const lines = [];
  for (const { line, usage } of due) {
    const { key, card, period } = line;
    const amount = rate(card, usage ?? ZERO, plan.currency);
    const kind = card.type === "usage_based" ? "usage" : "fee";
    lines.push({ kind, key, card: card.key, period, usage, amount });
    const taken = line.advance ? smaller(change - used.change, amount) : 0n;
    used.change += taken;
    if (taken > 0n) lines.push({ kind: "credit", card: card.key, period, amount: -taken });
  }
  lines.push(...kept, ...late.map((one) => lateLine(one, plan.currency)));
  const total = lines.reduce((sum, { amount }) => sum + amount, 0n);
  if (total < 0n) {
    lines.push({ kind: "carried", amount: -total });
    return { lines, total: 0n, used, carriedOn: -total };
  }
  used.carried = smaller(carried, total);
  if (used.carried > 0n) lines.push({ kind: "credit", amount: -used.carried });
  return { lines, total: total - used.carried, used, carriedOn: 0n };
}
