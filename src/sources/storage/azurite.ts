import { spawn, type ChildProcess } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { isJsonObject } from "../../core/json.ts";
import { RingmainError, toError } from "../../core/errors.ts";
import { makeFolder } from "../../files/make-folder.ts";
import type { Logger } from "../../ports/logger.ts";

/** Options for running Azurite. */
export interface AzuriteOptions {
  /** Folder for its data. If unset, data is kept in memory and lost with the process. */
  readonly dataFolder?: string;
  readonly host: string;
  /** Port of the Blob service; a free port if unset. Clients reach blobs through a storage source, not here. */
  readonly blobPort?: number;
  /** Port of the Queue service; 0 takes a free port. */
  readonly queuePort: number;
  /** Port of the Table service; 0 takes a free port. */
  readonly tablePort: number;
  /** The accounts that it serves, each with one or two keys (Base64). */
  readonly accounts: readonly { readonly name: string; readonly keys: readonly string[] }[];
  /** Environment variables of the process. The accounts are added. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly logger: Logger;
  /** Folder of the user's project. Its Azurite is preferred to Ringmain's own. */
  readonly resolveFrom: string;
}

/** An Azurite that runs in a process of its own. */
export interface RunningAzurite {
  readonly blob: URL;
  readonly queue: URL;
  readonly table: URL;
  /** Azurite's version, for example `3.37.0`. */
  readonly version: string;
  /** Process id. */
  readonly pid: number;
  /** Resolves when the process has exited: with `undefined` after `stop`, otherwise with the reason. */
  readonly exited: Promise<string | undefined>;
  /** Replaces the accounts. Resolves when Azurite uses them. */
  setAccounts(accounts: AzuriteOptions["accounts"]): Promise<void>;
  /** Shuts Azurite down after it has written its data. Idempotent. */
  stop(): Promise<void>;
}

const SERVICES = ["Blob", "Queue", "Table"] as const;
type Service = (typeof SERVICES)[number];

const START_TIMEOUT_MS = 30_000;
const STOP_TIMEOUT_MS = 10_000;
/** Maximum characters of standard error kept to explain a failed start. */
const MAX_ERROR_OUTPUT = 4_000;

/**
 * A script that is loaded before Azurite's own code.
 *
 * It stops Azurite when the parent process ends: the channel to the parent closes even after a SIGKILL, and Azurite
 * shuts down in order on the message `shutdown`. It also applies new accounts at once: Azurite reads them from its
 * environment every minute, so the script captures that timer's callback and calls it when a line on standard input
 * names new accounts.
 */
const PRELOAD_SCRIPT = `process.on("disconnect", () => {
  if (!process.emit("message", "shutdown")) process.exit(0);
  setTimeout(() => process.exit(0), 5000).unref();
});
const readers = [];
const { setInterval } = globalThis;
globalThis.setInterval = (read, ms, ...rest) => {
  if (ms === 60000) readers.push(read);
  return setInterval(read, ms, ...rest);
};
let line = "";
process.stdin.setEncoding("utf8").on("data", (text) => {
  const lines = (line + text).split("\\n");
  line = lines.pop();
  for (const accounts of lines) {
    process.env.AZURITE_ACCOUNTS = accounts;
    for (const read of readers) read();
    process.send("accounts");
  }
}).unref?.();`;

/**
 * Starts the installed Azurite through its command line, with any API version accepted, and without telemetry or
 * access log. Runs all three services in one process, which takes 1.0 s to start; blob and queue alone would need
 * two processes and save no time. Resolves when all three services listen.
 *
 * Rejects with `not_found` if no Azurite is installed, with `conflict` if a port is taken, and with `internal` if
 * it exits or prints no addresses.
 */
export async function startAzurite(options: AzuriteOptions): Promise<RunningAzurite> {
  const { main, version } = await findAzurite(options.resolveFrom);
  // Creates the folder first: Azurite would retry forever if its parent were not a folder.
  if (options.dataFolder !== undefined) await makeFolder(options.dataFolder);
  const preload = `data:text/javascript,${encodeURIComponent(PRELOAD_SCRIPT)}`;
  const child = spawn(process.execPath, ["--import", preload, main, ...flags(options)], {
    env: azuriteEnvironment(options),
    stdio: ["pipe", "pipe", "pipe", "ipc"],
    // Ctrl-C must reach only this process, which stops Azurite once nothing uses it any more.
    detached: true,
  });
  // `exited` reports the end of the process, after which writes to it may fail.
  child.stdin?.on("error", () => {});
  const stopping = new AbortController();
  const exited = watchExit(child, stopping.signal, options.logger);
  const stop = async (): Promise<void> => {
    stopping.abort();
    if (child.connected) child.disconnect();
    const limit = AbortSignal.timeout(STOP_TIMEOUT_MS);
    limit.addEventListener("abort", () => child.kill("SIGKILL"), { once: true });
    await exited;
  };
  try {
    const addresses = await listening(child, exited);
    options.logger.info("azurite_started", { version, pid: child.pid });
    const setAccounts = (accounts: AzuriteOptions["accounts"]): Promise<void> => sendAccounts(child, accounts, exited);
    return { ...addresses, version, pid: child.pid ?? 0, exited, setAccounts, stop };
  } catch (thrown) {
    await stop();
    throw thrown;
  }
}

/**
 * Returns the environment of the process. Azurite reads accounts only from there. NODE_OPTIONS is left out: two
 * processes cannot share a debugger's port.
 */
function azuriteEnvironment({ environment, accounts }: AzuriteOptions): NodeJS.ProcessEnv {
  const { NODE_OPTIONS: _options, ...rest } = environment;
  return { ...rest, AZURITE_ACCOUNTS: accountsText(accounts) };
}

function accountsText(accounts: AzuriteOptions["accounts"]): string {
  return accounts.map(({ name, keys }) => [name, ...keys].join(":")).join(";");
}

/** Sends accounts to the script, which confirms them in the order of the lines. */
async function sendAccounts(
  child: ChildProcess,
  accounts: AzuriteOptions["accounts"],
  exited: Promise<string | undefined>,
): Promise<void> {
  const confirmed = new Promise<void>((resolvePromise) => {
    child.once("message", () => resolvePromise());
  });
  child.stdin?.write(`${accountsText(accounts)}\n`);
  await Promise.race([
    confirmed,
    exited.then((reason) => Promise.reject(new RingmainError("internal", reason ?? "Azurite was stopped"))),
  ]);
}

function flags({ host, blobPort = 0, queuePort, tablePort, dataFolder }: AzuriteOptions): string[] {
  const services = [
    ["blob", blobPort],
    ["queue", queuePort],
    ["table", tablePort],
  ] as const;
  return [
    ...services.flatMap(([service, port]) => [`--${service}Host`, host, `--${service}Port`, String(port)]),
    ...(dataFolder === undefined ? ["--inMemoryPersistence"] : ["--location", resolve(dataFolder)]),
    "--silent",
    "--skipApiVersionCheck",
    "--disableTelemetry",
  ];
}

function watchExit(child: ChildProcess, stopping: AbortSignal, logger: Logger): Promise<string | undefined> {
  return new Promise((resolvePromise) => {
    child.once("error", (error) => resolvePromise(error.message));
    child.once("exit", (code, signal) => {
      const reason = stopping.aborted ? undefined : `Azurite ended (${signal ?? `exit code ${String(code)}`})`;
      if (reason !== undefined) logger.error("azurite_exited", { code, signal });
      resolvePromise(reason);
    });
  });
}

async function listening(
  child: ChildProcess,
  exited: Promise<string | undefined>,
): Promise<{ readonly blob: URL; readonly queue: URL; readonly table: URL }> {
  let errorOutput = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    if (errorOutput.length < MAX_ERROR_OUTPUT) errorOutput += chunk.toString();
  });
  const found = new Map<Service, URL>();
  const allListen = new Promise<void>((resolvePromise, reject) => {
    const limit = AbortSignal.timeout(START_TIMEOUT_MS);
    limit.addEventListener("abort", () =>
      reject(notStarted("it did not print its addresses within 30 s", errorOutput)),
    );
    // Keeps reading while the process runs: a full pipe would block it.
    if (child.stdout !== null) {
      createInterface({ input: child.stdout }).on("line", (line) => {
        const [, service, address] =
          /^Azurite (Blob|Queue|Table) service is successfully listen\w* (?:at|on) (\S+)/.exec(line) ?? [];
        if (address !== undefined) found.set(service as Service, new URL(address));
        if (found.size === SERVICES.length) resolvePromise();
      });
    }
  });
  await Promise.race([
    allListen,
    exited.then((reason) => Promise.reject(notStarted(reason ?? "it was stopped", errorOutput))),
  ]);
  const urlOf = (service: Service): URL => {
    const url = found.get(service);
    if (url === undefined) throw new RingmainError("internal", `Azurite printed no address of its ${service} service`);
    return url;
  };
  return { blob: urlOf("Blob"), queue: urlOf("Queue"), table: urlOf("Table") };
}

function notStarted(reason: string, errorOutput: string): RingmainError {
  const taken = /EADDRINUSE.*?([\w.:[\]]+:\d+)/.exec(errorOutput)?.[1];
  if (taken === undefined)
    return new RingmainError("internal", `Azurite did not start: ${reason}. ${errorOutput.trim()}`);
  return new RingmainError(
    "conflict",
    `Azurite did not start: ${taken} is in use. If another Azurite is running, stop it or choose other ports.`,
  );
}

/** Returns the command and version of the project's Azurite, or else of Ringmain's own. */
async function findAzurite(resolveFrom: string): Promise<{ readonly main: string; readonly version: string }> {
  for (const origin of [join(resolve(resolveFrom), "package.json"), import.meta.url]) {
    const folders = createRequire(origin).resolve.paths("azurite") ?? [];
    const file = folders.map((folder) => join(folder, "azurite", "package.json")).find((path) => existsSync(path));
    if (file === undefined) continue;
    const manifest = await readManifest(file);
    if (manifest !== undefined) return { main: join(dirname(file), manifest.bin), version: manifest.version };
  }
  throw new RingmainError(
    "not_found",
    `Azurite, which holds the blobs, is not installed in ${resolve(resolveFrom)}. Install it there: npm install --save-dev azurite`,
  );
}

async function readManifest(file: string): Promise<{ readonly bin: string; readonly version: string } | undefined> {
  try {
    const manifest: unknown = JSON.parse(await readFile(file, "utf8"));
    if (!isJsonObject(manifest)) return undefined;
    const { bin, version } = manifest as { readonly bin?: unknown; readonly version?: unknown };
    const command = typeof bin === "string" ? bin : isJsonObject(bin) ? bin["azurite"] : undefined;
    return typeof command === "string" && typeof version === "string" ? { bin: command, version } : undefined;
  } catch (thrown) {
    throw new RingmainError("internal", `${file} cannot be read: ${toError(thrown).message}`, { cause: thrown });
  }
}
