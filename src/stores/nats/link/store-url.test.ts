import { describe, expect, it } from "vitest";
import { parseServers, parseStoreUrl, shownAddress } from "./store-url.ts";

const noUser = { user: undefined, password: undefined, tls: false };

describe("addresses of servers", () => {
  it.each([
    ["nats://localhost", { ...noUser, addresses: ["localhost:4222"] }],
    ["nats://a:1,b:2,nats://c", { ...noUser, addresses: ["a:1", "b:2", "c:4222"] }],
    [["nats://a", "tls://b:7"], { ...noUser, addresses: ["a:4222", "b:7"], tls: true }],
    ["nats://[::1]:4222/", { ...noUser, addresses: ["[::1]:4222"] }],
    ["nats://me:p%40ss@a,b", { addresses: ["a:4222", "b:4222"], user: "me", password: "p@ss", tls: false }],
    ["nats://token@a", { addresses: ["a:4222"], user: "token", password: undefined, tls: false }],
  ] as const)("reads %s", (text, expected) => {
    expect(parseServers(text)).toEqual(expected);
  });

  it.each(["", "nats://", "http://a", "nats://a/path", "nats://a:port", "nats://me:secret@a:x"])(
    "refuses '%s'",
    (text) => {
      expect(() => parseServers(text)).toThrow(/is not a URL of a NATS server/);
      expect(() => parseServers(text)).not.toThrow(/secret/);
    },
  );
});

describe("addresses of stores", () => {
  it("reads name and replicas", () => {
    expect(parseStoreUrl("nats://a,b")).toEqual({ servers: "nats://a,b" });
    expect(parseStoreUrl("nats://a?name=two&replicas=3")).toEqual({ servers: "nats://a", name: "two", replicas: 3 });
  });

  it.each(["nats://a?replicas=2", "nats://a?shards=4"])("refuses %s", (text) => {
    expect(() => parseStoreUrl(text)).toThrow(/cannot have/);
  });

  it("are shown without users and passwords", () => {
    expect(shownAddress("nats://me:secret@a:1,tls://you:secret@b?replicas=3")).toBe("nats://a:1,tls://b?replicas=3");
  });
});
