import { describe, expect, it } from "vitest";
import { isLoopbackAddress } from "./loopback.ts";

describe("a loopback address", () => {
  it.each(["127.0.0.1", "127.255.255.254", "::1", "0:0:0:0:0:0:0:1", "::ffff:127.0.0.1", "::ffff:7f00:1"])(
    "is %s",
    (address) => {
      expect(isLoopbackAddress(address)).toBe(true);
    },
  );

  it.each([
    "172.17.0.1",
    "192.168.0.2",
    "128.0.0.1",
    "0.0.0.0",
    "::",
    "::2",
    "fe80::1",
    "::ffff:172.17.0.1",
    "64:ff9b::7f00:1",
    "localhost",
    "127.0.0.1.example",
    "",
  ])("is not %s", (address) => {
    expect(isLoopbackAddress(address)).toBe(false);
  });
});
