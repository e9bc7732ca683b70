import { describe, expect, it } from "vitest";
import { configuration, knowsSyncAlways, parseNatsVersion } from "./nats-servers.ts";

describe("parseNatsVersion", () => {
  it("returns the version that nats-server prints", () => {
    expect(parseNatsVersion("nats-server: v2.10.27\n")).toBe("2.10.27");
  });

  it("returns undefined for another program", () => {
    expect(parseNatsVersion("something v2.10.27\n")).toBeUndefined();
  });
});

describe("knowsSyncAlways", () => {
  it.each([
    ["2.9.10", false],
    ["2.10.0", true],
    ["2.10.27", true],
    ["2.11.1", true],
    ["3.0.0", true],
    ["1.11.0", false],
  ])("returns for %s: %s", (version, expected) => {
    expect(knowsSyncAlways(version)).toBe(expected);
  });
});

describe("configuration", () => {
  const options = { home: "/data", name: "n0", client: 1, route: 2, monitor: 3, routes: [], sync: "default" } as const;

  it("leaves flushing to the server by default", () => {
    expect(configuration(options)).not.toContain("sync_interval");
    expect(configuration(options)).not.toContain("cluster");
  });

  it("makes the server flush before it acknowledges", () => {
    expect(configuration({ ...options, sync: "always" })).toContain("sync_interval: always");
  });

  it("lists every server of a cluster", () => {
    const text = configuration({ ...options, routes: [2, 5] });
    expect(text).toContain('routes: ["nats://127.0.0.1:2", "nats://127.0.0.1:5"]');
  });
});
