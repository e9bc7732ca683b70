import { Buffer } from "node:buffer";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import { createInterface } from "node:readline";
import { RingmainError, toError } from "../../core/errors.ts";
import { onAbort } from "../../core/async/on-abort.ts";
import type { Logger } from "../../ports/logger.ts";
import type { StartContext } from "../lifecycle/start-context.ts";
import { PACKAGE_FOLDER } from "../package-folder.ts";
import type { FunctionAppReport } from "../report/ready-report.ts";
import { childEnvironment, type ProcessEnvironment } from "../system/child-environment.ts";
import type { StorageAccounts } from "./storage/storage-accounts.ts";

/** Address of a function app, and the key that it requires. */
export interface FunctionAppTarget {
  readonly url: string;
  readonly code?: string;
}

/** The function apps that destinations can refer to. */
export interface FunctionApps {
  readonly reports: readonly FunctionAppReport[];
  /** Returns the address of a function app. Names are case-insensitive. */
  find(name: string): FunctionAppTarget | undefined;
}

/** Keys of a hosted application, in the form that `ringmain functions --keys` reads. They are secrets. */
type HostKeys = Readonly<Record<"master" | "functions" | "eventGrid" | "blobs", string>>;

/** Length of a generated key in bytes, before Base64. */
const KEY_BYTES = 32;

/** Maximum number of lines of standard error in the message about an application that did not start. */
const LINES_KEPT = 5;

/** The command-line program of the running build. */
const CLI = new URL("bundle/cli/main.js", PACKAGE_FOLDER).pathname;

/**
 * Starts a host for every function app with a `path`, and records the addresses of those with a `url`. The release of the
 * part ends the hosts.
 */
export async function openFunctionApps(context: StartContext, storage: StorageAccounts): Promise<FunctionApps> {
  const { config, parts } = context;
  const environment = { ...childEnvironment(config.mode, process.env), ...storage.functionEnvironment };
  const hosts: FunctionAppHost[] = [];
  parts.push("function apps", () => Promise.all(hosts.map((host) => host.stop())));
  const addresses = new Map<string, FunctionAppTarget>();
  const reports: FunctionAppReport[] = [];
  for (const { name, path, url, code, settings } of config.functionApps) {
    if (path !== undefined) {
      const keys = createKeys(code, context);
      const host = new FunctionAppHost(context, { name, path, keys, environment: { ...environment, ...settings } });
      hosts.push(host);
      const ready = await host.ready();
      const { eventGrid } = keys ?? {};
      addresses.set(name.toLowerCase(), { url: ready.url, ...(eventGrid !== undefined && { code: eventGrid }) });
      reports.push({ name, url: ready.url, functions: ready.functions });
    } else if (url !== undefined) {
      addresses.set(name.toLowerCase(), code === undefined ? { url } : { url, code });
      reports.push({ name, url });
    }
  }
  return { reports, find: (name) => addresses.get(name.toLowerCase()) };
}

/**
 * Returns the keys that a hosted application requires from its callers. `code` gives access to everything except `admin`
 * functions. Unless it is set, development mode has no keys, and production mode has generated ones that only Ringmain's
 * own deliveries use. Generated keys change with every start.
 */
function createKeys(
  code: string | undefined,
  { config, random }: Pick<StartContext, "config" | "random">,
): HostKeys | undefined {
  if (config.mode === "dev" && code === undefined) return undefined;
  const newKey = (): string => Buffer.from(random.secretBytes(KEY_BYTES)).toString("base64url");
  return {
    master: newKey(),
    functions: code ?? newKey(),
    eventGrid: code ?? newKey(),
    blobs: code ?? newKey(),
  };
}

/** An application to host. */
interface HostedApp {
  readonly name: string;
  /** Relative to the configuration's folder. */
  readonly path: string;
  readonly keys: HostKeys | undefined;
  readonly environment: ProcessEnvironment;
}

/** The line that a host prints when it serves the application. */
interface HostReport {
  readonly url: string;
  readonly functions: readonly string[];
}

/**
 * A child process that runs `ringmain functions`. It ends when this process ends, because its IPC channel closes then.
 */
class FunctionAppHost {
  readonly #child: ChildProcess;
  readonly #logger: Logger;
  readonly #signal: AbortSignal;
  /** Name and folder of the application, for error messages. */
  readonly #shown: string;
  /** The latest lines that the application wrote to standard error. */
  readonly #errors: string[] = [];
  #stopping = false;

  constructor({ config, folder, logger, signal }: StartContext, { name, path, keys, environment }: HostedApp) {
    const absolute = resolve(folder, path);
    this.#logger = logger.child({ app: name });
    this.#signal = signal;
    this.#shown = `'${name}' in ${absolute}`;
    const limits = ["--request-timeout", String(config.server.requestTimeoutSeconds)];
    const keyArgs = keys === undefined ? [] : ["--keys", "-"];
    const child = spawn(
      process.execPath,
      [CLI, "functions", absolute, "--port", "0", "--json", ...limits, ...keyArgs],
      {
        cwd: absolute,
        env: environment,
        stdio: ["pipe", "pipe", "pipe", "ipc"],
        // Ctrl-C must reach only this process, so that deliveries can end before their function app does.
        detached: true,
      },
    );
    this.#child = child;
    child.on("error", () => {
      // Reported by the exit that follows, or by the wait for the first line.
    });
    // Keys are passed through standard input, where neither other users nor the application's environment can see them.
    child.stdin?.on("error", () => {
      // A child that ends early is reported by its exit.
    });
    child.stdin?.end(keys === undefined ? "" : JSON.stringify(keys));
    if (child.stderr !== null) createInterface({ input: child.stderr }).on("line", (line) => this.#noteError(line));
  }

  /** Resolves when the host serves the application. Rejects when the host ends before that, or the start is aborted. */
  async ready(): Promise<HostReport> {
    const ready = await this.#firstReport().catch(() => undefined);
    this.#signal.throwIfAborted();
    if (ready === undefined) {
      const reason = this.#errors.join(" ");
      throw new RingmainError("invalid_request", `The function app ${this.#shown} did not start. ${reason}`);
    }
    this.#child.once("exit", (code) => {
      if (!this.#stopping) this.#logger.error("function_app_exited", { code });
    });
    return ready;
  }

  /** Ends the child process; resolves when it has ended. */
  async stop(): Promise<void> {
    this.#stopping = true;
    const { pid, exitCode, signalCode } = this.#child;
    if (pid === undefined || exitCode !== null || signalCode !== null) return;
    const exited = once(this.#child, "exit");
    this.#child.kill("SIGTERM");
    await exited;
  }

  #noteError(line: string): void {
    this.#errors.push(line);
    if (this.#errors.length > LINES_KEPT) this.#errors.shift();
    this.#logger.warn("function_app_error", { line });
  }

  #firstReport(): Promise<HostReport> {
    const child = this.#child;
    const signal = this.#signal;
    return new Promise((found, reject) => {
      signal.throwIfAborted();
      const stopWaiting = onAbort(signal, () => reject(toError(signal.reason)));
      child.once("error", reject);
      child.once("exit", (code) => reject(new Error(`exited with ${String(code)}`)));
      if (child.stdout === null) return;
      createInterface({ input: child.stdout }).on("line", (line) => {
        const report = parseReport(line);
        if (report === undefined) forwardLine(line, this.#logger);
        else {
          stopWaiting();
          found(report);
        }
      });
    });
  }
}

/** Parses a line that the host wrote; returns `undefined` for a line of the application. */
function parseLine(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const entry: unknown = JSON.parse(line);
    return typeof entry === "object" && entry !== null && "event" in entry ? { ...entry } : undefined;
  } catch {
    // Applications may print any text.
    return undefined;
  }
}

function parseReport(line: string): HostReport | undefined {
  const entry = parseLine(line);
  if (entry?.["event"] !== "ready" || typeof entry["url"] !== "string") return undefined;
  const functions = (entry["functions"] ?? []) as readonly { readonly name: string }[];
  return { url: entry["url"], functions: functions.map(({ name }) => name) };
}

/** Logs a line of the host as a line of this process, and a line of the application as a message. */
function forwardLine(line: string, logger: Logger): void {
  const entry = parseLine(line);
  if (entry === undefined) {
    logger.info("function_log", { message: line });
    return;
  }
  const { event, level, time: _time, ...fields } = entry;
  const known = level === "debug" || level === "warn" || level === "error" ? level : "info";
  logger[known](String(event), fields);
}
