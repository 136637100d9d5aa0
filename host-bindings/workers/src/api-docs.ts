import page from "../../../build/openapi/docs.html";
import document from "../../../docs/openapi.yaml";

// Beside this the page carries a policy of its own, which knows the digest of its one style sheet.
const PAGE_POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const SHARED = { "cache-control": "public, max-age=300", "x-content-type-options": "nosniff" };

interface File {
  text: string;
  headers: Record<string, string>;
}

const FILES = new Map<string, File>([
  ["/v3/openapi.yaml", { text: document, headers: { "content-type": "application/yaml; charset=utf-8" } }],
  [
    "/v3/docs",
    { text: page, headers: { "content-type": "text/html; charset=utf-8", "content-security-policy": PAGE_POLICY } },
  ],
]);

/** What describes the control plane's API, to machines and to people; undefined for any other path. */
export function apiDocs(request: Request, pathname: string): Response | undefined {
  const file = FILES.get(pathname);
  if (file === undefined) return undefined;
  if (request.method !== "GET" && request.method !== "HEAD") {
    return new Response(null, { status: 405, headers: { allow: "GET, HEAD" } });
  }
  return new Response(request.method === "HEAD" ? null : file.text, { headers: { ...SHARED, ...file.headers } });
}
