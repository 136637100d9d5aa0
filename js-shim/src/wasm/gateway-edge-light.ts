import module from "./gateway.wasm?module";

/** The edge VM takes a module by this import only. */
export function embeddedModule(): WebAssembly.Module {
  return module;
}
