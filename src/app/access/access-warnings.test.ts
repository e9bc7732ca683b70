import { describe, expect, it } from "vitest";
import { SILENT_LOGGER, type LogFields } from "../../ports/logger.ts";
import { configSchema, type ConfigFile } from "../config/schema.ts";
import { warnOfAccess } from "./access-warnings.ts";

function warnings(file: ConfigFile, address = "127.0.0.1"): readonly [string, LogFields][] {
  const warned: [string, LogFields][] = [];
  const warn = (event: string, fields: LogFields = {}): void => void warned.push([event, fields]);
  warnOfAccess(configSchema.parse(file), address, { ...SILENT_LOGGER, warn });
  return warned;
}

const adminKey = "a-key-of-sixteen-characters";
const clients = [{ clientId: "operator", clientSecret: "one", objectId: "operator-id" }];
const roleAssignments = [{ principalId: "operator-id", role: "Owner" }] as const;

describe("a server in development", () => {
  it.each(["0.0.0.0", "::", "192.168.0.2"])("warns when it listens on %s, and names the setting", (address) => {
    const hint = expect.stringContaining("'adminKey' (RINGMAIN_ADMIN_KEY)") as string;
    expect(warnings({}, address)).toEqual([["listens_beyond_loopback", { address, hint }]]);
  });

  it.each(["127.0.0.1", "::1", "127.0.1.1"])("does not warn on %s", (address) => {
    expect(warnings({}, address)).toEqual([]);
  });

  it("does not warn with an admin key", () => {
    expect(warnings({ adminKey }, "0.0.0.0")).toEqual([]);
  });
});

describe("a server in production", () => {
  it("warns that no caller can manage it, and names the settings", () => {
    const hint = expect.stringMatching(
      /keys that it generated.*'adminKey' \(RINGMAIN_ADMIN_KEY\).*'clients'/,
    ) as string;
    expect(warnings({ mode: "production" })).toEqual([["management_closed", { hint }]]);
    expect(warnings({ mode: "production", clients })).toEqual([["management_closed", { hint }]]);
  });

  it("warns about unavailable routes when only roles give access", () => {
    const hint = expect.stringMatching(/Only roles give access to Resource Manager.*RINGMAIN_ADMIN_KEY/) as string;
    const config: ConfigFile = { mode: "production", clients, roleAssignments: [...roleAssignments] };
    expect(warnings(config)).toEqual([["management_closed", { hint }]]);
  });

  it("does not warn with an admin key", () => {
    expect(warnings({ mode: "production", adminKey })).toEqual([]);
  });
});
