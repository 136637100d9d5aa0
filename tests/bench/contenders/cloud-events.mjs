// The batches that the peers send: as many events and the same members as the module's.

const MAX_BATCH_EVENTS = 100;

/** Texts of the batches for this usage: `[{subscription, meter, cost, time}, …]`. `nextId` names the next event. */
export function batchesOf(usage, nextId) {
  const batches = [];
  for (let from = 0; from < usage.length; from += MAX_BATCH_EVENTS) {
    batches.push(JSON.stringify(usage.slice(from, from + MAX_BATCH_EVENTS).map((one) => cloudEvent(one, nextId()))));
  }
  return batches;
}

function cloudEvent({ subscription, meter, cost, time }, id) {
  return {
    id,
    specversion: "1.0",
    type: meter,
    source: "monetization-policy",
    subject: subscription,
    subscription,
    time: new Date(time).toISOString(),
    data: { total: cost },
  };
}

/** Counts events of one sender. */
export function idsOf(sender) {
  let sequence = 0;
  return () => `${sender}-${sequence++}`;
}
