import { afterEach, describe, expect, it } from "vitest";
import { startProxy, startUpstream, stopAll } from "../../wire/storage-proxy-harness.ts";

afterEach(stopAll);

describe("access to a storage account", () => {
  it.each<[string, Record<string, string>, number]>([
    ["no credential", {}, 403],
    ["another key", { authorization: "SharedKey acc:d3Jvbmc=" }, 403],
    ["a bearer token", { authorization: "Bearer any" }, 403],
    ["the account's key", { authorization: "SharedKey acc:cmlnaHQ=" }, 200],
    [
      "a key, by a page of another origin",
      { authorization: "SharedKey acc:cmlnaHQ=", origin: "http://evil.example" },
      200,
    ],
  ])("is decided by the service from the client's credentials: %s", async (_description, headers, status) => {
    const forwarded: unknown[] = [];
    const { port } = await startUpstream((request, response) => {
      forwarded.push(request.headers.authorization);
      response.writeHead(request.headers.authorization === "SharedKey acc:cmlnaHQ=" ? 200 : 403).end();
    });
    const proxy = await startProxy(port);
    for (const [method, path] of [
      ["GET", "/acc/photos/a.jpg"],
      ["PUT", "/acc/photos?restype=container"],
      ["GET", "/acc/?comp=list"],
      ["GET", "/another/photos/a.jpg"],
    ] as const) {
      const answer = await fetch(`http://127.0.0.1:${proxy.port}${path}`, { method, headers });
      expect({ path, status: answer.status }).toEqual({ path, status });
    }
    // The proxy adds no credentials.
    expect(new Set(forwarded)).toEqual(new Set([headers["authorization"]]));
  });
});
