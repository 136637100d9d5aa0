// What the bundler makes of an import of the module, entry by entry (build.mjs).
declare module "inline:*" {
  /** The bytes of the module in base64. */
  const text: string;
  export default text;
}
declare module "*.wasm" {
  const module: WebAssembly.Module;
  export default module;
}
declare module "*.wasm?module" {
  const module: WebAssembly.Module;
  export default module;
}
