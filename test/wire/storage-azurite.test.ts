import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { SILENT_LOGGER } from "../../src/ports/logger.ts";
import { startAzurite, type AzuriteOptions, type RunningAzurite } from "../../src/sources/storage/azurite.ts";
import { AZURITE_ACCOUNT, AZURITE_KEY } from "../support/servers/run-azurite.ts";
import { blobClient } from "./storage-harness.ts";

const root = new URL("../../", import.meta.url).pathname;
const stops: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).toReversed()) await stop();
});

const options: AzuriteOptions = {
  host: "127.0.0.1",
  queuePort: 0,
  tablePort: 0,
  accounts: [{ name: AZURITE_ACCOUNT, keys: [AZURITE_KEY] }],
  environment: process.env,
  logger: SILENT_LOGGER,
  resolveFrom: root,
};

async function start(more: Partial<AzuriteOptions> = {}): Promise<RunningAzurite> {
  const azurite = await startAzurite({ ...options, ...more });
  stops.push(() => azurite.stop());
  return azurite;
}

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "ringmain-test-"));
  stops.push(() => rm(path, { recursive: true, force: true }));
  return path;
}

/** Returns whether a server still listens at a URL. */
async function isListening(url: URL): Promise<boolean> {
  try {
    await fetch(url);
    return true;
  } catch {
    return false;
  }
}

async function gone(url: URL): Promise<void> {
  while (await isListening(url)) await new Promise((resolve) => setTimeout(resolve, 20));
}

describe("startAzurite", () => {
  it("offers blobs, queues and tables of the installed Azurite, and stops on request", async () => {
    const azurite = await start();
    expect(azurite.version).toMatch(/^3\.\d+\.\d+$/);
    const services = [azurite.blob, azurite.queue, azurite.table];
    for (const service of services)
      expect((await fetch(new URL(AZURITE_ACCOUNT, service))).headers.get("server")).toMatch(/^Azurite/);
    await Promise.all([azurite.stop(), azurite.stop()]);
    expect(await azurite.exited).toBeUndefined();
    for (const service of services) expect(await isListening(service)).toBe(false);
  });

  it("keeps blobs in a folder", async () => {
    const dataFolder = await folder();
    const first = await start({ dataFolder });
    const { containerClient } = await blobClient(Number(first.blob.port)).createContainer("kept");
    await containerClient.getBlockBlobClient("b").upload("x", 1);
    await first.stop();
    const second = await start({ dataFolder });
    const blob = blobClient(Number(second.blob.port)).getContainerClient("kept").getBlobClient("b");
    expect((await blob.downloadToBuffer()).toString()).toBe("x");
  });

  it("uses Ringmain's own Azurite if the project has none", async () => {
    const azurite = await start({ resolveFrom: await folder() });
    expect(azurite.version).toMatch(/^3\./);
  });

  it("names the port that is taken", async () => {
    const holder = createServer().listen(0, "127.0.0.1");
    await once(holder, "listening");
    stops.push(() => new Promise((resolve) => holder.close(resolve)));
    const address = holder.address();
    const port = address !== null && typeof address === "object" ? address.port : 0;
    await expect(start({ queuePort: port })).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringContaining(`127.0.0.1:${port} is in use`),
    });
  });

  it("reports when Azurite exits by itself", async () => {
    const azurite = await start();
    process.kill(azurite.pid, "SIGKILL");
    expect(await azurite.exited).toContain("SIGKILL");
    await azurite.stop();
  });

  it("stops Azurite when the parent is killed", async () => {
    const program = `
      import { startAzurite } from ${JSON.stringify(join(root, "dist/sources/storage/azurite.js"))};
      const logger = { debug() {}, info() {}, warn() {}, error() {}, child: () => logger };
      const azurite = await startAzurite({ host: "127.0.0.1", queuePort: 0, tablePort: 0, accounts: [], environment: process.env, logger, resolveFrom: ${JSON.stringify(root)} });
      console.log(azurite.blob.href);`;
    const parent = spawn(process.execPath, ["--input-type=module", "-e", program], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [line] = (await once(parent.stdout, "data")) as [Buffer];
    const blob = new URL(line.toString().trim());
    expect(await isListening(blob)).toBe(true);
    parent.kill("SIGKILL");
    await gone(blob);
  });
});
