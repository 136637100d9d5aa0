/** `{time, cpu}` of the work, in nanoseconds: by the clock, and of the processor that workerd used. */
export async function timed(side, work) {
  const cpu = side.cpu;
  const from = process.hrtime.bigint();
  await work();
  const time = Number(process.hrtime.bigint() - from);
  return { time, cpu: side.cpu - cpu };
}
