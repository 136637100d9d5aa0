import { WorkerEntrypoint } from "cloudflare:workers";
import { boundedText, TooLarge } from "./gateway/body.js";

const TODOS = [
  { id: 1, title: "Write the API", done: true },
  { id: 2, title: "Put a gate in front of it", done: true },
  { id: 3, title: "Send the first invoice", done: false },
];

/** Responses that must not have a body (RFC 9110). */
const BODILESS = [204, 205, 304];

/** The API of the demonstration: something to stand behind the gate. Reached through a service binding only. */
export class DemoUpstream extends WorkerEntrypoint {
  override async fetch(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    if (pathname === "/todos") return Response.json(TODOS);
    if (pathname === "/export") return Response.json({ exported: TODOS.length, todos: TODOS });
    if (pathname === "/generate") return generate(request);
    const [, code] = /^\/status\/(\d{3})$/.exec(pathname) ?? [];
    if (code !== undefined && Number(code) >= 200 && Number(code) <= 599) return status(Number(code));
    return Response.json({ error: "no such path; a status is a number from 200 to 599" }, { status: 404 });
  }
}

function status(code: number): Response {
  return BODILESS.includes(code)
    ? new Response(null, { status: code })
    : Response.json({ status: code }, { status: code });
}

/** Pretends to generate text: uses as many tokens as it is asked to, and says so. */
async function generate(request: Request): Promise<Response> {
  let tokens: unknown;
  try {
    const text = await boundedText(new Response(request.body), 64 * 1024);
    ({ tokens } = (JSON.parse(text) ?? {}) as { tokens?: unknown });
  } catch (error) {
    const tooLarge = error instanceof TooLarge;
    const message = tooLarge ? "the body is longer than 65536 bytes" : "the body is not JSON";
    return Response.json({ error: message }, { status: tooLarge ? 413 : 400 });
  }
  if (!Number.isInteger(tokens) || (tokens as number) < 0 || (tokens as number) > 1_000_000) {
    return Response.json({ error: "tokens must be a whole number from 0 to 1000000" }, { status: 400 });
  }
  return Response.json({ text: "lorem ipsum", usage: { total_tokens: tokens } });
}
