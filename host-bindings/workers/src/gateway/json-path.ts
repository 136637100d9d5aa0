/** A step into a JSON value: a member's name or an element's index. */
type Step = string | number;

/** A path such as `$.usage.total_tokens`, `$.choices[0].cost` or `$['a b'].c`: names and indices, nothing else. */
export type JsonPath = readonly Step[];

const STEP = /\.([A-Za-z_][\w-]*)|\[(\d{1,9})\]|\['([^'\\]+)'\]/y;

/** The path, or undefined when the text is none of this form. */
export function parseJsonPath(text: string): JsonPath | undefined {
  if (!text.startsWith("$") || text.length < 2) return undefined;
  const steps: Step[] = [];
  STEP.lastIndex = 1;
  while (STEP.lastIndex < text.length) {
    const match = STEP.exec(text);
    if (match === null) return undefined;
    const [, name, index, quoted] = match;
    steps.push(index === undefined ? (name ?? (quoted as string)) : Number(index));
  }
  return steps;
}

/** What stands at the path; undefined when nothing does. */
export function valueAt(value: unknown, path: JsonPath): unknown {
  let here = value;
  for (const step of path) {
    if (typeof here !== "object" || here === null) return undefined;
    if (Array.isArray(here) !== (typeof step === "number") || !Object.hasOwn(here, step)) return undefined;
    here = (here as Record<Step, unknown>)[step];
  }
  return here;
}
