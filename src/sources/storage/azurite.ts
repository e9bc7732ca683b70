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

/** How to run Azurite. */
export interface AzuriteOptions {
  /** Where it keeps its data; in memory, and gone with the process, when not given. */
  readonly dataFolder?: string;
  readonly host: string;
  /** A free port unless given: clients reach the blobs through a storage source. */
  readonly blobPort?: number;
  /** 0 takes a free port. */
  readonly queuePort: number;
  /** 0 takes a free port. */
  readonly tablePort: number;
  /** The accounts it serves, each with one or two keys (Base64). */
  readonly accounts: readonly { readonly name: string; readonly keys: readonly string[] }[];
  /** Environment variables for it; accounts are added. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly logger: Logger;
  /** Folder of the user's project: its Azurite is used, and Ringmain's own only when it has none. */
  readonly resolveFrom: string;
}

/** Azurite, in a process of its own. */
export interface RunningAzurite {
  readonly blob: URL;
  readonly queue: URL;
  readonly table: URL;
  /** Azurite's own version, for example `3.37.0`. */
  readonly version: string;
  /** The process. */
  readonly pid: number;
  /** Resolves when the process has ended: with `undefined` after `stop`, with the reason otherwise. */
  readonly exited: Promise<string | undefined>;
  /** Makes these its accounts; resolves when it has taken them. */
  setAccounts(accounts: AzuriteOptions["accounts"]): Promise<void>;
  /** Lets it write its data and ends it. Idempotent. */
  stop(): Promise<void>;
}

const SERVICES = ["Blob", "Queue", "Table"] as const;
type Service = (typeof SERVICES)[number];

const START_TIMEOUT_MS = 30_000;
const STOP_TIMEOUT_MS = 10_000;
/** Enough of standard error to say why it did not start. */
const MAX_COMPLAINT = 4_000;

/**
 * Loaded before Azurite's own code. Azurite shuts down in order on the message `shutdown`; the channel to the parent
 * closes however the parent ends, SIGKILL included, so neither leaves the other behind. It looks at its environment for
 * accounts once a minute: a line on standard input names new ones, and makes it look at once.
 */
const GUARD = `process.on("disconnect", () => {
  if (!process.emit("message", "shutdown")) process.exit(0);
  setTimeout(() => process.exit(0), 5000).unref();
});
const looks = [];
const { setInterval } = globalThis;
globalThis.setInterval = (look, ms, ...rest) => {
  if (ms === 60000) looks.push(look);
  return setInterval(look, ms, ...rest);
};
let line = "";
process.stdin.setEncoding("utf8").on("data", (text) => {
  const lines = (line + text).split("\\n");
  line = lines.pop();
  for (const accounts of lines) {
    process.env.AZURITE_ACCOUNTS = accounts;
    for (const look of looks) look();
    process.send("accounts");
  }
}).unref?.();`;

/**
 * Starts the installed Azurite through its command line: any API version accepted, no usage data sent, no access
 * log. All three services in one process, which measured 1.0 s from start to ready; blob and queue alone are two
 * processes and save no time. Resolves when all three listen.
 *
 * Rejects with `not_found` when no Azurite is installed, with `conflict` when a port is taken, with `internal` when
 * it ends or stays silent.
 */
export async function startAzurite(options: AzuriteOptions): Promise<RunningAzurite> {
  const { main, version } = await findAzurite(options.resolveFrom);
  // Azurite would look for a parent that takes its folder for ever.
  if (options.dataFolder !== undefined) await makeFolder(options.dataFolder);
  const guard = `data:text/javascript,${encodeURIComponent(GUARD)}`;
  const child = spawn(process.execPath, ["--import", guard, main, ...flags(options)], {
    env: azuriteEnvironment(options),
    stdio: ["pipe", "pipe", "pipe", "ipc"],
    // Ctrl-C goes to this process alone, which ends Azurite when nothing needs it any more.
    detached: true,
  });
  // Its end is told by `exited`; what is written to it after that is of no use.
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
    const setAccounts = (accounts: AzuriteOptions["accounts"]): Promise<void> => tellAccounts(child, accounts, exited);
    return { ...addresses, version, pid: child.pid ?? 0, exited, setAccounts, stop };
  } catch (thrown) {
    await stop();
    throw thrown;
  }
}

/** Azurite takes accounts from its environment only; a debugger's port is not for two processes. */
function azuriteEnvironment({ environment, accounts }: AzuriteOptions): NodeJS.ProcessEnv {
  const { NODE_OPTIONS: _options, ...rest } = environment;
  return { ...rest, AZURITE_ACCOUNTS: accountsText(accounts) };
}

function accountsText(accounts: AzuriteOptions["accounts"]): string {
  return accounts.map(({ name, keys }) => [name, ...keys].join(":")).join(";");
}

/** Answers come in the order of the lines. */
async function tellAccounts(
  child: ChildProcess,
  accounts: AzuriteOptions["accounts"],
  exited: Promise<string | undefined>,
): Promise<void> {
  const taken = new Promise<void>((resolvePromise) => {
    child.once("message", () => resolvePromise());
  });
  child.stdin?.write(`${accountsText(accounts)}\n`);
  await Promise.race([
    taken,
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
  let complaint = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    if (complaint.length < MAX_COMPLAINT) complaint += chunk.toString();
  });
  const found = new Map<Service, URL>();
  const allListen = new Promise<void>((resolvePromise, reject) => {
    const limit = AbortSignal.timeout(START_TIMEOUT_MS);
    limit.addEventListener("abort", () => reject(notStarted("it printed no addresses within 30 s", complaint)));
    // Reads on for as long as the process lives: a full pipe would stop it.
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
    exited.then((reason) => Promise.reject(notStarted(reason ?? "it was stopped", complaint))),
  ]);
  const urlOf = (service: Service): URL => {
    const url = found.get(service);
    if (url === undefined) throw new RingmainError("internal", `Azurite printed no address of its ${service} service`);
    return url;
  };
  return { blob: urlOf("Blob"), queue: urlOf("Queue"), table: urlOf("Table") };
}

function notStarted(reason: string, complaint: string): RingmainError {
  const taken = /EADDRINUSE.*?([\w.:[\]]+:\d+)/.exec(complaint)?.[1];
  if (taken === undefined)
    return new RingmainError("internal", `Azurite did not start: ${reason}. ${complaint.trim()}`);
  return new RingmainError(
    "conflict",
    `Azurite did not start: ${taken} is taken. Another Azurite may be running: stop it, or choose other ports.`,
  );
}

/** The command and the version of the project's Azurite, or else of Ringmain's own. */
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
