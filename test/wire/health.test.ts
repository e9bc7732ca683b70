import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { runCommand, type CommandResult } from "../support/clients/run-command.ts";
import { removeFolders, runRingmain, temporaryFolder, type RunningRingmain } from "../support/servers/run-ringmain.ts";

let folder: string;
const stops: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  folder = await temporaryFolder();
});
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});
afterAll(removeFolders);

async function start(): Promise<RunningRingmain> {
  const ringmain = await runRingmain({ config: { topics: [{ name: "orders" }] }, args: ["--memory"] });
  stops.push(() => ringmain.stop());
  return ringmain;
}

/** Starts a server in place of Ringmain. */
async function startServer(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, "127.0.0.1");
  await once(server, "listening");
  stops.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const health = (...args: string[]): Promise<CommandResult> => runCommand(["health", ...args], folder);

describe("ringmain health", () => {
  it("exits with 0 if Ringmain is ready, over HTTP and HTTPS", async () => {
    const { ready } = await start();
    expect(await health("--http", ready.http)).toMatchObject({
      code: 0,
      output: `${JSON.stringify({ event: "health", status: "ready", http: ready.http })}\n`,
      errors: "",
    });
    const { port } = new URL(ready.http);
    for (const https of [ready.https, `https://localhost:${port}`]) {
      expect(await health("--http", https, "--no-json")).toMatchObject({ code: 0, output: `${https} is ready.\n` });
    }
  });

  it("finds Ringmain through the configuration, at a loopback address if it listens on all addresses", async () => {
    const { ready } = await start();
    const { port } = new URL(ready.http);
    const file = join(folder, "everywhere.json");
    await writeFile(file, JSON.stringify({ host: "0.0.0.0", port: Number(port) }));
    expect(await health("--config", file)).toMatchObject({ code: 0, errors: "" });
  });

  it("exits with 1 and prints the reason if Ringmain is not ready", async () => {
    const reason = "Ringmain is waiting for the storage accounts.";
    const url = await startServer((_, response) => {
      response.writeHead(503).end(JSON.stringify({ status: "starting", reason }));
    });
    expect(await health("--http", url)).toMatchObject({
      code: 1,
      output: "",
      errors: `${url} is not ready: ${reason}\n`,
    });
  });

  it("exits with 1 if another server responds, or none", async () => {
    const other = await startServer((_, response) => response.end("<html>welcome</html>"));
    expect(await health("--http", other)).toMatchObject({
      code: 1,
      errors: `${other} is not ready: the response has status 200\n`,
    });
    const silent = await startServer(() => {});
    expect(await health("--http", silent)).toMatchObject({
      code: 1,
      errors: `No response from ${silent}: timeout after 5 s.\n`,
    });
    const endless = await startServer((_, response) => {
      const more = (): void =>
        void (response.write("x".repeat(65_536)) ? setImmediate(more) : response.once("drain", more));
      more();
    });
    expect(await health("--http", endless)).toMatchObject({ code: 1 });
    const gone = await startServer(() => {});
    await stops.pop()?.();
    const refused = await health("--http", gone);
    expect(refused.code).toBe(1);
    expect(refused.errors).toContain(`No response from ${gone}: connect ECONNREFUSED`);
  });

  it("exits with 1 if it has no address", async () => {
    expect(await health("--http", "nonsense")).toMatchObject({ code: 1 });
    const file = join(folder, "wrong.json");
    await writeFile(file, JSON.stringify({ prot: 1 }));
    const wrong = await health("--config", file);
    expect(wrong.code).toBe(1);
    expect(wrong.errors).toContain("prot");
    await writeFile(file, JSON.stringify({ port: 0 }));
    expect(await health("--config", file)).toMatchObject({ code: 1 });
  });
});

describe("a topic's endpoint", () => {
  it("[EG-HEALTH] reports whether the topic accepts events, as Azure's failover samples expect", async () => {
    const { ready } = await start();
    const endpoint = ready.topics[0]?.endpoint ?? "";
    expect((await fetch(endpoint.replace("/api/events", "/api/health"))).status).toBe(200);
    expect((await fetch(`${ready.http}/topics/other/api/health`)).status).toBe(404);
  });
});
