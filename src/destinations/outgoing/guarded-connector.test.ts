import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { destinations, delivery, NEVER, NOW, webhookTo } from "../../../test/contract/destination-fixtures.ts";
import { Peer } from "../../../test/contract/destination-peer.ts";
import { createGuardedLookup, type ResolveAll } from "./guarded-connector.ts";

const resolvesTo =
  (...addresses: string[]): ResolveAll =>
  (_hostname, _options, callback) =>
    callback(
      null,
      addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 })),
    );

/** Returns the addresses that a connection would use. */
async function lookUp(resolveAll: ResolveAll, all: boolean): Promise<unknown> {
  return new Promise((resolve, reject) => {
    createGuardedLookup(resolveAll)("hooks.example", { all }, (error, address, family) => {
      if (error === null) resolve(all ? address : { address, family });
      else reject(error);
    });
  });
}

describe("createGuardedLookup", () => {
  it("returns public addresses in the requested form", async () => {
    const resolveAll = resolvesTo("1.1.1.1", "2606:4700:4700::1111");
    expect(await lookUp(resolveAll, false)).toEqual({ address: "1.1.1.1", family: 4 });
    expect(await lookUp(resolveAll, true)).toEqual([
      { address: "1.1.1.1", family: 4 },
      { address: "2606:4700:4700::1111", family: 6 },
    ]);
  });

  // [EG-ADDRESS-REFUSED]
  it.each([[["10.0.0.1"]], [["1.1.1.1", "10.0.0.1"]], [["::ffff:169.254.169.254"]]])(
    "refuses a name that resolves to %j",
    async (addresses) => {
      const message = "'hooks.example' is refused: in production mode events go to public addresses only";
      await expect(lookUp(resolvesTo(...addresses), true)).rejects.toThrow("delivery.allowedHosts");
      await expect(lookUp(resolvesTo(...addresses), false)).rejects.toThrow(message);
      // The error does not contain the address.
      await expect(lookUp(resolvesTo(...addresses), false)).rejects.not.toThrow(/10\.0\.0\.1|169\.254|1\.1\.1\.1/);
    },
  );

  it("passes on the error of the resolver", async () => {
    const error = Object.assign(new Error("getaddrinfo ENOTFOUND"), { code: "ENOTFOUND" });
    await expect(lookUp((_hostname, _options, callback) => callback(error, []), true)).rejects.toBe(error);
  });
});

describe("address policy of webhooks", () => {
  let peer: Peer;
  let port: string;
  beforeAll(async () => {
    peer = await Peer.start();
    port = new URL(peer.origin).port;
  });
  afterAll(async () => peer.stop());

  const attempt = async (host: string, allowedHosts: string[]) => {
    const factory = destinations({ addressPolicy: { allowedHosts } });
    const outcome = await factory.open(webhookTo(`http://${host}:${port}/`)).deliver([delivery()], NOW, NEVER);
    await factory.close();
    return outcome;
  };

  it.each(["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "2130706433", "0x7f.1", "127.1"])(
    "refuses http://%s and names the setting",
    async (host) => {
      const before = peer.requests.length;
      expect(await attempt(host, ["elsewhere.example"])).toMatchObject({
        kind: "failed",
        outcome: "Forbidden",
        detail: expect.stringContaining("delivery.allowedHosts"),
      });
      expect(peer.requests).toHaveLength(before);
    },
  );

  it("[EG-ADDRESS-REFUSED] hides the addresses of refused and of allowed names", async () => {
    const refused = await attempt("localhost", []);
    await peer.stop();
    const allowed = await attempt("localhost", ["localhost"]);
    peer = await Peer.start();
    port = new URL(peer.origin).port;
    expect(refused).toMatchObject({ outcome: "Forbidden", detail: expect.stringContaining("'localhost'") as string });
    expect(allowed).toMatchObject({
      outcome: "SocketError",
      detail: expect.stringContaining("ECONNREFUSED") as string,
    });
    for (const { detail } of [refused, allowed] as { detail?: string }[]) expect(detail).not.toMatch(/127\.0|::1/);
  });

  it.each(["127.0.0.1", "localhost"])("calls http://%s where it is listed", async (host) => {
    expect(await attempt(host, [host])).toEqual({ kind: "accepted", httpStatus: 200 });
  });
});
