// Upstreams behind TLS: whoever cannot prove its name is not talked to.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createServer } from "node:https";
import { join } from "node:path";
import { after, test } from "node:test";
import { HOST } from "../../scripts/stack/stack.mjs";
import { caller, configuration, policy, scratchFolder, start } from "./harness.mjs";

const skip = HOST === "workerd" && "workerd's own fetch, which trusts no authority of a test";

test("a certificate must be trusted, and be for the host that the route names", { skip }, async () => {
  const folder = scratchFolder();
  const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  const wanted = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key, "-out", cert];
  const named = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"];
  execFileSync("openssl", ["req", "-x509", ...wanted, ...named], { stdio: "ignore" });
  const server = createServer({ key: readFileSync(key), cert: readFileSync(cert) }, (request, response) =>
    response.end(`${request.method} ${request.url}`),
  );
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  after(() => server.close());
  const { port } = server.address();

  const to = (host) => `https://${host}:${port}`;
  const config = configuration([policy("p", { meters: { api_requests: 1 } })], {
    routes: [
      { path: "/right", methods: ["GET"], upstream: to("localhost"), policies: ["p"] },
      { path: "/wrong-name", methods: ["GET"], upstream: to("127.0.0.1"), policies: ["p"] },
    ],
  });
  const trusting = await start({ config, vars: { SSL_CERT_FILE: cert } });
  const ask = caller(trusting.url, trusting.stack.seededKey);
  for (let i = 0; i < 3; i++) assert.equal((await ask("/right?a=b")).text, "GET /right?a=b");
  assert.equal((await ask("/wrong-name")).status, 502);

  const stranger = await start({ config });
  assert.equal((await caller(stranger.url, stranger.stack.seededKey)("/right")).status, 502);
});
