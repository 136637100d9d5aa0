// Files that come as text (rules in wrangler.toml).
declare module "*/config/policies.json" {
  const text: string;
  export default text;
}
declare module "*/config/routes.json" {
  const text: string;
  export default text;
}
declare module "*/config/seed.json" {
  const text: string;
  export default text;
}
declare module "*/docs/openapi.yaml" {
  const text: string;
  export default text;
}
declare module "*/openapi/docs.html" {
  const text: string;
  export default text;
}
declare module "*/control.wasm" {
  const module: WebAssembly.Module;
  export default module;
}
