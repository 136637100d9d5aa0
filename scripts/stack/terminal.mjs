// Words for people: colours only on a terminal that wants them.

const colours = process.stdout.isTTY === true && process.env.NO_COLOR === undefined && process.env.TERM !== "dumb";
const paint = (code) => (text) => (colours ? `\x1b[${code}m${text}\x1b[0m` : String(text));

export const bold = paint("1");
export const dim = paint("2");
export const green = paint("32");
export const red = paint("31");
export const cyan = paint("36");

/** Shows what is going on, on the error output, so that what is said stays clean. */
export function progress(text) {
  process.stderr.write(`${text}\n`);
}

/** Ends the process with a reason. */
export function fail(message) {
  process.stderr.write(`${red("error")} ${message}\n`);
  process.exit(1);
}

/** Rows under a heading; numbers stand to the right. */
export function table(heading, rows) {
  const widths = heading.map((head, i) => Math.max(head.length, ...rows.map((row) => String(row[i]).length)));
  const line = (row) =>
    row.map((cell, i) => (i === 0 ? String(cell).padEnd(widths[i]) : String(cell).padStart(widths[i]))).join("   ");
  return [dim(line(heading)), ...rows.map(line)].map((text) => `  ${text}`).join("\n");
}
