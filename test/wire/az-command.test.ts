import { chmod, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { execute, type Ended } from "../support/run-az.ts";
import { cli, removeFolders, runRingmain, temporaryFolder, type RunningRingmain } from "../support/run-ringmain.ts";

/** Tells what it was run with, and ends with a code of its own. */
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

  function az(args: readonly string[], environment: Record<string, string> = {}): Promise<Ended> {
    const env = { RINGMAIN_TLS_FOLDER: tls, PATH: `${tools}:${process.env["PATH"] ?? ""}`, ...environment };
    return execute(process.execPath, [cli, "az", ...args], env);
  }
  const address = (): string[] => ["--http", ringmain.ready.http, "--config", ringmain.configFile];
  const folder = (): string => join(tls, "az", `localhost-${new URL(ringmain.ready.http).port}`);

  it("gives az its configuration and every argument, and ends as az does", async () => {
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

  it("keeps what the user has changed in az's configuration, until it is set up anew", async () => {
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

  it("says that az is missing", async () => {
    const { code, stderr } = await az([...address(), "group", "list"], { PATH: await temporaryFolder() });
    expect({ code, stderr }).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^az is not installed/) as string,
    });
  });

  it("says that Ringmain does not run", async () => {
    const { code, stderr } = await az(["--http", "http://127.0.0.1:1", "group", "list"]);
    expect({ code, stderr }).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("Is 'ringmain start' running there?") as string,
    });
  });

  it("says that az cannot send an admin key", async () => {
    const { code, stderr } = await az([...address(), "group", "list"], {
      RINGMAIN_ADMIN_KEY: "a key that nobody knows",
    });
    expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringContaining("adminKey") as string });
  });
});
