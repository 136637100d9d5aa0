/** Longer ones come from nobody who asks them again, and would fill the memory. */
const LONGEST = 2048;

/** Remembers answers to questions that come again; forgets all of them when there are too many. */
export class Memo {
  readonly #answers = new Map<string, string>();
  readonly #most: number;

  constructor(most: number) {
    this.#most = most;
  }

  /** What is remembered, else what `ask` says. */
  get(question: string, ask: () => string): string {
    const known = this.#answers.get(question);
    if (known !== undefined) return known;
    const answer = ask();
    if (question.length > LONGEST) return answer;
    if (this.#answers.size >= this.#most) this.#answers.clear();
    this.#answers.set(question, answer);
    return answer;
  }
}
