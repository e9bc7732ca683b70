import { describe, expect, it } from "vitest";
import { childEnvironment, withoutOwnVariables } from "./child-environment.ts";

const environment = {
  PATH: "/bin",
  Path: "C:\\Windows",
  HOME: "/home/me",
  LC_ALL: "C",
  https_proxy: "http://proxy",
  NODE_OPTIONS: "--inspect",
  DATABASE_PASSWORD: "hush",
  AZURE_CLIENT_SECRET: "hush",
  RINGMAIN_ADMIN_KEY: "hush",
  ringmain_metrics_key: "hush",
};

describe("the environment of a child process", () => {
  it("contains only the variables that programs need, in production", () => {
    expect(Object.keys(childEnvironment("production", environment))).toEqual([
      "PATH",
      "Path",
      "HOME",
      "LC_ALL",
      "https_proxy",
    ]);
  });

  it("contains all variables except Ringmain's own, in development", () => {
    const { RINGMAIN_ADMIN_KEY: _key, ringmain_metrics_key: _metrics, ...rest } = environment;
    expect(childEnvironment("dev", environment)).toEqual(rest);
    expect(withoutOwnVariables(environment)).toEqual(rest);
  });
});
