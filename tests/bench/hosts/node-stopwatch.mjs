/** Adds up nanoseconds by the clock of Node. */
export class NodeStopwatch {
  ns = 0;
  #startedAt = 0n;

  start() {
    this.#startedAt = process.hrtime.bigint();
  }

  stop() {
    this.ns += Number(process.hrtime.bigint() - this.#startedAt);
  }
}
