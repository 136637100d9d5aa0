import base64 from "inline:edge.wasm";

/** Where bytes may be compiled (Node, Deno, Bun, browsers): compiled on first use, without a promise. */
export function embeddedModule(): WebAssembly.Module {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return new WebAssembly.Module(bytes);
}
