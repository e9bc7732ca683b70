import { existsSync } from "node:fs";
import { chmod, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DEFAULT_TENANT_ID } from "../../src/core/resources/resource-id.ts";
import { execute, type ProcessResult } from "../support/clients/run-az.ts";
import {
  cli,
  removeFolders,
  runRingmain,
  temporaryFolder,
  type RunningRingmain,
} from "../support/servers/run-ringmain.ts";

/** Prints its arguments and environment, and exits with a code of its own. */
const FAKE_AZ = `#!/bin/sh
[ "$1" = version ] && exit 0
cat
printf '%s\\n' "$AZURE_CONFIG_DIR" "$REQUESTS_CA_BUNDLE" "$NO_PROXY" "$@"
exit 7
`;

describe("ringmain az, with a stand-in for az", () => {
  let ringmain: RunningRingmain;
  let tls: string;
  let tools: string;

  beforeAll(async () => {
    tls = join(await temporaryFolder(), "tls");
    tools = await temporaryFolder();
    await writeFile(join(tools, "az"), FAKE_AZ);
    await chmod(join(tools, "az"), 0o755);
    ringmain = await runRingmain({ env: { RINGMAIN_TLS_FOLDER: tls } });
  });

  afterAll(async () => {
    await ringmain.stop();
    await removeFolders();
  });

  function az(args: readonly string[], environment: Record<string, string> = {}): Promise<ProcessResult> {
    const env = { RINGMAIN_TLS_FOLDER: tls, PATH: `${tools}:${process.env["PATH"] ?? ""}`, ...environment };
    return execute(process.execPath, [cli, "az", ...args], env);
  }
  const address = (): string[] => ["--http", ringmain.ready.http, "--config", ringmain.configFile];
  const folder = (): string => join(tls, "az", `localhost-${new URL(ringmain.ready.http).port}`);

  it("passes its configuration and all arguments to az, and exits with az's code", async () => {
    const { code, stdout } = await az([...address(), "eventgrid", "topic", "--help", "--config", "x"], {
      NO_PROXY: "intranet",
    });
    expect(code).toBe(7);
    expect(stdout.trim().split("\n")).toEqual([
      folder(),
      join(tls, "ca-bundle.pem"),
      "intranet,localhost,127.0.0.1",
      "eventgrid",
      "topic",
      "--help",
      "--config",
      "x",
    ]);
  });

  it("keeps the user's changes to az's configuration until the next setup", async () => {
    await az([...address(), "group", "list"]);
    const config = join(folder(), "config");
    const before = await readFile(config, "utf8");
    await writeFile(config, `${before}[defaults]\ngroup = ringmain\n`);
    await az([...address(), "group", "list"]);
    expect(await readFile(config, "utf8")).toContain("group = ringmain");
    const { stdout } = await az([...address(), "setup", "--no-json"]);
    expect(await readFile(config, "utf8")).toBe(before);
    expect(stdout).toContain(`export AZURE_CONFIG_DIR='${folder()}'`);
    expect(stdout).toContain(`rm -r '${folder()}'`);
    expect((await stat(config)).mode & 0o777).toBe(0o600);
  });

  it("[EG-ISSUER-INSTANCE] keeps az's tokens for the instance that issued them, and for no other instance at its address", async () => {
    const cache = join(folder(), "msal_token_cache.json");
    await az([...address(), "group", "list"]);
    await writeFile(cache, "tokens");
    await az([...address(), "group", "list"]);
    expect(await readFile(cache, "utf8")).toBe("tokens");
    const { port } = new URL(ringmain.ready.http);
    await ringmain.stop();
    ringmain = await runRingmain({ env: { RINGMAIN_TLS_FOLDER: tls }, args: ["--port", port] });
    await az([...address(), "group", "list"]);
    expect(existsSync(cache)).toBe(false);
  });

  it("fails with a message if az is missing", async () => {
    const { code, stderr } = await az([...address(), "group", "list"], { PATH: await temporaryFolder() });
    expect({ code, stderr }).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^az was not found on the PATH/) as string,
    });
  });

  it("fails with a message if Ringmain does not run", async () => {
    const { code, stderr } = await az(["--http", "http://127.0.0.1:1", "group", "list"]);
    expect({ code, stderr }).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("Check that 'ringmain start' is running") as string,
    });
  });

  it("asks for an application with management rights if there is an admin key and no such application", async () => {
    const { code, stderr } = await az([...address(), "group", "list"], {
      RINGMAIN_ADMIN_KEY: "a-key-that-nobody-knows",
    });
    expect({ code, stderr }).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^az cannot send an 'adminKey'.*"clients":.*"roleAssignments":/s) as string,
    });
  });

  it("logs az in as the application with management rights and its current secret, next to other logins", async () => {
    const file = join(await temporaryFolder(), "production.json");
    const operator = { clientId: "the operator", clientSecret: "${OPERATOR_SECRET}", objectId: "operator-id" };
    const publisher = { clientId: "shop", clientSecret: "secret of the shop" };
    const roleAssignments = [{ principalId: "operator-id", role: "Owner" }];
    await writeFile(
      file,
      JSON.stringify({
        mode: "production",
        adminKey: "a-key-for-people",
        clients: [publisher, operator],
        roleAssignments,
      }),
    );
    const run = (secret: string, ...args: string[]): Promise<ProcessResult> =>
      az(["--http", ringmain.ready.http, "--config", file, ...args], { OPERATOR_SECRET: secret });
    const own = `${folder()}-the-operator`;
    const entries = join(own, "service_principal_entries.json");
    const logins = async (): Promise<unknown> => JSON.parse(await readFile(entries, "utf8"));
    const login = (id: string, secret: string): object => ({
      client_id: id,
      tenant: DEFAULT_TENANT_ID,
      client_secret: secret,
    });

    expect((await run("first", "group", "list")).stdout.split("\n")[0]).toBe(own);
    expect(await logins()).toEqual([login("the operator", "first")]);
    expect((await stat(entries)).mode & 0o777).toBe(0o600);
    expect(JSON.parse(await readFile(join(own, "azureProfile.json"), "utf8"))).toMatchObject({
      subscriptions: [{ user: { name: "the operator", type: "servicePrincipal" } }],
    });
    await writeFile(entries, JSON.stringify([login("the operator", "first"), login("another", "theirs")]));
    await run("second", "group", "list");
    expect(await logins()).toEqual([login("the operator", "second"), login("another", "theirs")]);
    await writeFile(join(own, "msal_token_cache.json"), "{}");
    await run("second", "setup");
    expect(await logins()).toEqual([login("the operator", "second")]);
    await expect(stat(join(own, "msal_token_cache.json"))).rejects.toThrow("ENOENT");
  });
});
