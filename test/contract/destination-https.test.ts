import { once } from "node:events";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createAuthority, issueServerCertificate } from "../../src/auth/certificates/issue-certificate.ts";
import { oneRsaKey } from "../support/fixtures/rsa-keys.ts";
import { delivery, destinations, NEVER, NOW, webhookTo } from "./destination-fixtures.ts";

let server: Server;
let requests = 0;

beforeAll(async () => {
  const key = await oneRsaKey()();
  const authority = createAuthority(key, Date.now());
  const { cert } = issueServerCertificate(authority, key, ["127.0.0.1"], Date.now());
  server = createServer({ key, cert }, (_request, response) => {
    requests += 1;
    response.writeHead(200).end();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
});
afterAll(() => {
  server.close();
  server.closeAllConnections();
});

it("a webhook with an untrusted certificate receives no events [EG-DELIVERY-CERTIFICATE]", async () => {
  const factory = destinations();
  const { port } = server.address() as AddressInfo;
  const destination = factory.open(webhookTo(`https://127.0.0.1:${port}/hook`));
  expect(await destination.deliver([delivery()], NOW, NEVER)).toMatchObject({
    kind: "failed",
    outcome: "SocketError",
    detail: expect.stringMatching(/certificate/i),
  });
  expect(requests).toBe(0);
  await factory.close();
});
