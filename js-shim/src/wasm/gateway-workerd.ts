import module from "./gateway.wasm";

/** workerd compiles at deployment and refuses bytes: the module is imported. */
export function embeddedModule(): WebAssembly.Module {
  return module;
}
