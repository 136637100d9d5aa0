// Asks the calculator of the npm package: the suites pricing, proration, periods, alignment and lifecycle. Nothing here
// knows its host: the same code runs in Node and in workerd.

import { Calculator, QuestionError } from "tollgate/calculator";

const AN_ERROR = "an error";

/** How each suite is asked, and the part of an answer that `expect` speaks of. */
const SUITES = {
  pricing: {
    ask: (calculator, one) => {
      const price = calculator.priceText(question(one, ["price", "currency", "discounts"]));
      try {
        return price.rateText(textOf(one.get("usage")));
      } finally {
        price.forget();
      }
    },
    expected: (expect) => expect.get("total").value,
    essence: (answer) => answer.total,
  },
  proration: {
    ask: (calculator, one) =>
      calculator.prorateText(question(one, ["fee", "from", "to", "at", "limit", "used", "currency"])),
    expected: (expect) => expect.get("credit").value,
    essence: (answer) => answer.credit,
  },
  periods: {
    ask: (calculator, one) => calculator.periodText(question(one, ["anchor", "cadence", "at"])),
    expected: (expect) => `${moment(expect.get("from").value)} to ${moment(expect.get("to").value)}`,
    essence: ({ from, to }) => `${moment(from)} to ${moment(to)}`,
  },
  alignment: {
    ask: (calculator, one) => calculator.alignmentText(question(one, ["plan", "rateCard"])),
    expected: (expect) => String(expect.get("aligned").value),
    essence: ({ aligned }) => String(aligned),
  },
  lifecycle: {
    ask: (calculator, one) => calculator.statusText(question(one, ["activeFrom", "activeTo", "now"])),
    expected: (expect) => `${expect.get("status").value}, access ${expect.get("access").value}`,
    essence: ({ status, access }) => `${status}, access ${access}`,
  },
};

/**
 * Runs the cases of one file.
 *
 * @param module the rating module, undefined for the one in the package
 * @returns {{failures: {name, expected, got}[], passed: number, transcript: string}}
 */
export function runCoreCases(suite, cases, module) {
  const { ask, expected, essence } = SUITES[suite];
  const calculator = new Calculator(module);
  const report = { failures: [], passed: 0, transcript: "" };
  cases.forEach((one, i) => {
    const expect = one.get("expect");
    const want = expect.get("error") === undefined ? expected(expect) : AN_ERROR;
    let got = AN_ERROR;
    let line;
    try {
      const answer = ask(calculator, one);
      got = essence(JSON.parse(answer));
      line = `answered\t${answer}`;
    } catch (error) {
      if (!(error instanceof QuestionError)) throw error;
      line = `refused\t${JSON.stringify(error.violations)}`;
    }
    report.transcript += `${suite}/${i}\t${line}\n`;
    if (got === want) report.passed++;
    else report.failures.push({ name: one.get("name").value, expected: want, got });
  });
  return report;
}

/** A question with some members of the case, as they stand there. */
function question(one, names) {
  const members = names
    .filter((name) => one.get(name) !== undefined)
    .map((name) => `${JSON.stringify(name)}:${one.get(name).raw}`);
  return `{${members.join(",")}}`;
}

/** A decimal that stands there as a text or as a number. */
function textOf(value) {
  return typeof value.value === "string" ? value.value : value.raw;
}

const moment = (text) => new Date(text).toISOString();
