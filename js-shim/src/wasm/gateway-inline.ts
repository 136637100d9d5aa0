import base64 from "inline:gateway.wasm";
import { compileBase64 } from "./base64.js";

/** Where bytes may be compiled: Node, Deno, Bun, browsers. */
export function embeddedModule(): WebAssembly.Module {
  return compileBase64(base64);
}
