// Credits of money, in minor units: of changes of plan ("change", for fees in advance), and of invoices that came to
// less than nothing ("carried", for anything). Used oldest first.

export class Credits {
  #all = [];

  add(kind, source, owner, amount) {
    if (amount > 0n) this.#all.push({ kind, source, owner, amount, left: amount });
  }
  /** What a subscription has: `{change, carried}`. */
  of(owner) {
    const left = (kind) => this.#of(kind, owner).reduce((total, credit) => total + credit.left, 0n);
    return { change: left("change"), carried: left("carried") };
  }
  /** Takes amounts as `of` gives them, for an invoice. */
  use(invoice, amounts) {
    invoice.uses = Object.entries(amounts).flatMap(([kind, amount]) => {
      let open = amount;
      return this.#of(kind, invoice.subscription).map((credit) => {
        const taken = credit.left < open ? credit.left : open;
        credit.left -= taken;
        open -= taken;
        return { credit, taken };
      });
    });
  }
  giveBack(invoice) {
    for (const { credit, taken } of invoice.uses) credit.left += taken;
    invoice.uses = [];
  }
  move(from, to) {
    for (const credit of this.#all) if (credit.owner === from) credit.owner = to;
  }
  isUntouched(source) {
    return this.#all.every((credit) => credit.source !== source || credit.left === credit.amount);
  }
  drop(source) {
    this.#all = this.#all.filter((credit) => credit.source !== source);
  }
  #of(kind, owner) {
    return this.#all.filter((credit) => credit.kind === kind && credit.owner === owner);
  }
}
