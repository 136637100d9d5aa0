// What the peers read of snapshots and policies before the first request.

const DAY_MS = 86_400_000;

/** How long a request with this snapshot passes the checks of subscription and payment, and which one it then fails. */
export function factsOf(snapshot) {
  const { activeFrom, activeTo, paymentStatus, maxPaymentOverdueDays } = snapshot;
  return {
    activeFrom: Date.parse(activeFrom),
    activeTo: activeTo === undefined ? Number.POSITIVE_INFINITY : Date.parse(activeTo),
    paid: paymentStatus.status === "paid",
    graceEnd: paymentStatus.status === "failed" ? graceEnd(paymentStatus, maxPaymentOverdueDays) : 0,
    meters: Object.entries(snapshot.entitlements)
      .filter(([, { type }]) => type === "metered")
      .map(([name, { balance, hasAccess, isSoftLimit }]) => ({ name, balance, hasAccess, isSoftLimit })),
  };
}

/** The first instant at which a failed payment is overdue. */
export function graceEnd(paymentStatus, graceDays) {
  return Date.parse(paymentStatus.lastPaymentFailedAt) + graceDays * DAY_MS;
}

/** The static meters of each policy: `[{meter, cost}, …]`. */
export function metersOf(policies) {
  return policies.map(({ handler }) =>
    Object.entries(handler.options.meters).map(([meter, cost]) => ({ meter, cost })),
  );
}
