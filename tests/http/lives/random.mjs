// Chance that comes out the same for a seed on every machine.

export class Random {
  #state;

  constructor(seed) {
    this.#state = BigInt(seed) * 0x9e3779b97f4a7c15n + 0x632be59bd9b4e019n;
  }
  /** A whole number from 0 to below `bound`. */
  below(bound) {
    this.#state = (this.#state + 0x9e3779b97f4a7c15n) & 0xffffffffffffffffn;
    let z = this.#state;
    z = ((z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n) & 0xffffffffffffffffn;
    z = ((z ^ (z >> 27n)) * 0x94d049bb133111ebn) & 0xffffffffffffffffn;
    return Number((z ^ (z >> 31n)) % BigInt(bound));
  }
  /** A whole number from `from` to `to`, both included. */
  between(from, to) {
    return from + this.below(to - from + 1);
  }
  /** True `of` times in a hundred. */
  chance(of) {
    return this.below(100) < of;
  }
  pick(list) {
    return list[this.below(list.length)];
  }
  /** One of `[weight, value]`. */
  weighted(list) {
    let left = this.below(list.reduce((sum, [weight]) => sum + weight, 0));
    return list.find(([weight]) => {
      left -= weight;
      return left < 0;
    })[1];
  }
  shuffled(list) {
    const rest = [...list];
    return list.map(() => rest.splice(this.below(rest.length), 1)[0]);
  }
}
