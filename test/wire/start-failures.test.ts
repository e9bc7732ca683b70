import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { configSchema, type ConfigFile } from "../../src/app/config/schema.ts";
import { startRingmain, type Ringmain } from "../../src/app/start-ringmain.ts";
import { SILENT_LOGGER, type Logger } from "../../src/ports/logger.ts";
import { observeOpenResources, openFilesBelow, type OpenResources } from "../support/open-resources.ts";
import { functionApp } from "../support/servers/run-functions-host.ts";

/** Every step of a start, in its order. */
const STEPS = [
  "openStore",
  "createLocalIssuer",
  "openTracing",
  "openDiagnostics",
  "openDestinations",
  "openEngine",
  "observeEngine",
  "openServer",
  "applyConfiguration",
  "openStorageAccounts",
  "openFunctionApps",
  "createReadyReport",
];

const steps = vi.hoisted(() => {
  const taken: string[] = [];
  const state = { taken, before: (_step: string): void => {} };
  /** Returns a module whose function of this name notes that it is called, and calls `before` first. */
  function watch<Module extends object>(module: Module, name: keyof Module & string): Module {
    const original: unknown = Reflect.get(module, name);
    if (typeof original !== "function") throw new Error(`${name} is no function`);
    const watched = (...args: readonly unknown[]): unknown => {
      state.before(name);
      taken.push(name);
      return Reflect.apply(original, undefined, args);
    };
    return { ...module, [name]: watched };
  }
  return { state, watch };
});

vi.mock(import("../../src/app/parts/open-store.ts"), async (load) => steps.watch(await load(), "openStore"));
vi.mock(import("../../src/app/access/token-access.ts"), async (load) => steps.watch(await load(), "createLocalIssuer"));
vi.mock(import("../../src/app/parts/open-tracing.ts"), async (load) => steps.watch(await load(), "openTracing"));
vi.mock(import("../../src/app/parts/open-telemetry.ts"), async (load) =>
  steps.watch(steps.watch(await load(), "openDiagnostics"), "observeEngine"),
);
vi.mock(import("../../src/app/parts/open-destinations.ts"), async (load) =>
  steps.watch(await load(), "openDestinations"),
);
vi.mock(import("../../src/app/parts/open-engine.ts"), async (load) => steps.watch(await load(), "openEngine"));
vi.mock(import("../../src/app/parts/open-server.ts"), async (load) => steps.watch(await load(), "openServer"));
vi.mock(import("../../src/app/parts/apply-configuration.ts"), async (load) =>
  steps.watch(await load(), "applyConfiguration"),
);
vi.mock(import("../../src/app/parts/storage/storage-accounts.ts"), async (load) =>
  steps.watch(await load(), "openStorageAccounts"),
);
vi.mock(import("../../src/app/parts/open-function-apps.ts"), async (load) =>
  steps.watch(await load(), "openFunctionApps"),
);
vi.mock(import("../../src/app/report/create-ready-report.ts"), async (load) =>
  steps.watch(await load(), "createReadyReport"),
);

let folder: string;
let resources: OpenResources;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "ringmain-start-"));
  resources = observeOpenResources();
});
afterEach(async () => {
  steps.state.before = () => {};
  steps.state.taken.length = 0;
  resources.close();
  await rm(folder, { recursive: true, force: true });
});

interface StartOptions {
  readonly config?: ConfigFile;
  readonly signal?: AbortSignal;
  readonly logger?: Logger;
}

/** Starts a Ringmain that has every part: a durable store, a diagnostic log, Azurite and a hosted function app. */
function start({ config, signal, logger = SILENT_LOGGER }: StartOptions = {}): Promise<Ringmain> {
  const parsed = configSchema.parse({
    port: 0,
    data: "data",
    tls: { folder: "tls" },
    diagnostics: { file: "diagnostics.log" },
    topics: [{ name: "orders", port: 0 }],
    azurite: true,
    storageAccounts: [{ name: "devstoreaccount1", blobPort: 0 }],
    functionApps: [{ name: "app", path: functionApp("esm") }],
    ...config,
  });
  return startRingmain({ config: parsed, folder, logger, ...(signal && { signal }) });
}

/** Resolves when no socket, timer, child process, thread or file is left open. */
async function expectNothingOpen(): Promise<void> {
  await vi.waitFor(() => expect(resources.list()).toEqual([]), { timeout: 5_000 });
  expect(openFilesBelow(folder)).toEqual([]);
}

it("takes the steps that are tested here, and leaves nothing open when it is stopped", async () => {
  const ringmain = await start();
  expect(steps.state.taken).toEqual(STEPS);
  expect(resources.list()).not.toEqual([]);
  expect(openFilesBelow(folder)).not.toEqual([]);
  await ringmain.stop();
  await expectNothingOpen();
});

describe.each(STEPS)("a start whose step %s", (failing) => {
  it("fails leaves nothing open", async () => {
    steps.state.before = (step) => {
      if (step === failing) throw new Error("this step fails");
    };
    await expect(start()).rejects.toThrow("this step fails");
    await expectNothingOpen();
  });

  it("is under way when the start is aborted leaves nothing open", async () => {
    const abort = new AbortController();
    steps.state.before = (step) => {
      if (step === failing) abort.abort(new Error("stopped early"));
    };
    if (failing === "createReadyReport") {
      // Everything is served by then: the start succeeds, and stopping is the caller's.
      await (await start({ signal: abort.signal })).stop();
    } else await expect(start({ signal: abort.signal })).rejects.toThrow("stopped early");
    await expectNothingOpen();
  });
});

describe("a start that leaves nothing open", () => {
  it("fails when another program has the port", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    const { port } = other.address() as AddressInfo;
    await expect(start({ config: { port } })).rejects.toThrow(`Cannot listen on 127.0.0.1:${port}`);
    other.close();
    await once(other, "close");
    await expectNothingOpen();
  });

  it("fails when another program has the port of a topic", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    const { port } = other.address() as AddressInfo;
    const topics = [
      { name: "first", port: 0 },
      { name: "second", port },
    ];
    await expect(start({ config: { topics } })).rejects.toThrow("Another program uses the topic's 'port'");
    other.close();
    await once(other, "close");
    await expectNothingOpen();
  });

  it("fails when a function app ends at once, and when its folder is missing", async () => {
    await mkdir(join(folder, "empty"));
    for (const path of ["empty", "missing"]) {
      const functionApps = [{ name: "app", path }];
      await expect(start({ config: { functionApps } })).rejects.toThrow("The function app 'app'");
      await expectNothingOpen();
    }
  });

  it("does not wait for a function app that never becomes ready once it is aborted", async () => {
    const path = join(folder, "app");
    await mkdir(path);
    await writeFile(join(path, "package.json"), JSON.stringify({ name: "app", type: "module", main: "index.js" }));
    await writeFile(
      join(path, "index.js"),
      `setInterval(() => {}, 1000); console.log("loading"); await new Promise(() => {});`,
    );
    const abort = new AbortController();
    const info = (_event: string, fields?: object): void => {
      if (JSON.stringify(fields).includes("loading")) abort.abort(new Error("stopped early"));
    };
    const logger: Logger = { ...SILENT_LOGGER, info, child: () => logger };
    const functionApps = [{ name: "app", path }];
    await expect(start({ config: { functionApps }, logger, signal: abort.signal })).rejects.toThrow("stopped early");
    await expectNothingOpen();
  });
});
