import { Buffer } from "node:buffer";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import { createInterface } from "node:readline";
import { RingmainError } from "../../core/errors.ts";
import type { Logger } from "../../ports/logger.ts";
import type { Random } from "../../ports/random.ts";
import type { FunctionAppConfig } from "../config/resources-schema.ts";
import type { ProcessEnvironment } from "../system/child-environment.ts";
import type { FunctionAppReport } from "../report/ready-report.ts";
import { PACKAGE_FOLDER } from "../package-folder.ts";

/** Where a function app answers. */
export interface FunctionAppAddress {
  readonly url: string;
  readonly code?: string;
}

/** The function apps that destinations can name. */
export interface FunctionApps {
  readonly reports: readonly FunctionAppReport[];
  /** App names do not care for case. */
  find(name: string): FunctionAppAddress | undefined;
  stop(): Promise<void>;
}

/** Options for {@link startFunctionApps}. */
export interface FunctionAppsOptions {
  readonly apps: readonly FunctionAppConfig[];
  /** Base of relative paths. */
  readonly folder: string;
  /** In production hosted applications ask for keys. */
  readonly mode: "dev" | "production";
  /** The environment of hosted applications, without their own settings. */
  readonly environment: ProcessEnvironment;
  /** Seconds within which a request to a hosted application must have arrived whole. */
  readonly requestTimeoutSeconds: number;
  readonly logger: Logger;
  readonly random: Random;
}

/** Keys of a hosted application, in the form that `ringmain functions --keys` reads. Secrets. */
type HostKeys = Readonly<Record<"master" | "functions" | "eventGrid" | "blobs", string>>;

/** Bytes of a generated key, before Base64. */
const KEY_BYTES = 32;

/** Lines of an application's complaints that are kept to say why it did not start. */
const LINES_KEPT = 5;

/** The command line of the build that runs. */
const CLI = new URL("bundle/cli/main.js", PACKAGE_FOLDER).pathname;

/** Starts a host for every application given by path, and knows the addresses of the others. */
export async function startFunctionApps(options: FunctionAppsOptions): Promise<FunctionApps> {
  const hosts: HostedApp[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(hosts.map((host) => host.stop()));
  };
  const addresses = new Map<string, FunctionAppAddress>();
  const reports: FunctionAppReport[] = [];
  try {
    for (const app of options.apps) {
      const { name, path, url, code } = app;
      if (path !== undefined) {
        const keys = keysOf(app, options);
        const host = await startHost(app, resolve(options.folder, path), keys, options);
        hosts.push(host);
        const { eventGrid } = keys ?? {};
        addresses.set(name.toLowerCase(), { url: host.url, ...(eventGrid !== undefined && { code: eventGrid }) });
        reports.push({ name, url: host.url, functions: host.functions });
      } else if (url !== undefined) {
        addresses.set(name.toLowerCase(), code === undefined ? { url } : { url, code });
        reports.push({ name, url });
      }
    }
  } catch (thrown) {
    await stop();
    throw thrown;
  }
  return { reports, find: (name) => addresses.get(name.toLowerCase()), stop };
}

interface HostedApp {
  readonly url: string;
  readonly functions: readonly string[];
  stop(): Promise<void>;
}

/**
 * Returns the keys that a hosted application asks for: `code` opens everything but its `admin` functions. In production
 * there are always keys; those that nobody has been told are for Ringmain's own deliveries. They change with every start.
 */
function keysOf({ code }: FunctionAppConfig, { mode, random }: FunctionAppsOptions): HostKeys | undefined {
  if (mode === "dev" && code === undefined) return undefined;
  const newKey = (): string => Buffer.from(random.secretBytes(KEY_BYTES)).toString("base64url");
  return {
    master: newKey(),
    functions: code ?? newKey(),
    eventGrid: code ?? newKey(),
    blobs: code ?? newKey(),
  };
}

/** Runs `ringmain functions` on one application; it ends with this process because its channel to it closes. */
async function startHost(
  { name, settings }: FunctionAppConfig,
  path: string,
  keys: HostKeys | undefined,
  options: FunctionAppsOptions,
): Promise<HostedApp> {
  const bounds = ["--request-timeout", String(options.requestTimeoutSeconds)];
  const keyed = keys === undefined ? [] : ["--keys", "-"];
  const child = spawn(process.execPath, [CLI, "functions", path, "--port", "0", "--json", ...bounds, ...keyed], {
    cwd: path,
    env: { ...options.environment, ...settings },
    stdio: ["pipe", "pipe", "pipe", "ipc"],
    // Ctrl-C goes to this process alone, which lets deliveries end before their function app does.
    detached: true,
  });
  child.on("error", () => {
    // Reported by the exit that follows, or by the wait for the first line.
  });
  // Keys go by standard input: neither other users nor the application's environment see them there.
  child.stdin?.on("error", () => {
    // A child that ends early is reported by its exit.
  });
  child.stdin?.end(keys === undefined ? "" : JSON.stringify(keys));
  const logger = options.logger.child({ app: name });
  const errors: string[] = [];
  if (child.stderr !== null) {
    createInterface({ input: child.stderr }).on("line", (line) => {
      errors.push(line);
      if (errors.length > LINES_KEPT) errors.shift();
      logger.warn("function_app_error", { line });
    });
  }
  const ready = await firstReport(child, (line) => passOn(line, logger)).catch(() => undefined);
  if (ready === undefined) {
    const reason = errors.join(" ");
    throw new RingmainError("invalid_request", `The function app '${name}' in ${path} did not start. ${reason}`);
  }
  let stopping = false;
  child.once("exit", (code) => {
    if (!stopping) logger.error("function_app_exited", { code });
  });
  return {
    ...ready,
    stop: async () => {
      stopping = true;
      await endChild(child);
    },
  };
}

type HostReport = Pick<HostedApp, "url" | "functions">;

function firstReport(child: ChildProcess, log: (line: string) => void): Promise<HostReport> {
  return new Promise((found, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`exited with ${String(code)}`)));
    if (child.stdout === null) return;
    createInterface({ input: child.stdout }).on("line", (line) => {
      const report = parseReport(line);
      if (report === undefined) log(line);
      else found(report);
    });
  });
}

/** A line that the host printed, as JSON; `undefined` for what the application itself printed. */
function parseLine(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const entry: unknown = JSON.parse(line);
    return typeof entry === "object" && entry !== null && "event" in entry ? { ...entry } : undefined;
  } catch {
    // What an application prints is its own business.
    return undefined;
  }
}

function parseReport(line: string): HostReport | undefined {
  const entry = parseLine(line);
  if (entry?.["event"] !== "ready" || typeof entry["url"] !== "string") return undefined;
  const functions = (entry["functions"] ?? []) as readonly { readonly name: string }[];
  return { url: entry["url"], functions: functions.map(({ name }) => name) };
}

/** The host's log lines become lines of this process's log; anything else is quoted. */
function passOn(line: string, logger: Logger): void {
  const entry = parseLine(line);
  if (entry === undefined) {
    logger.info("function_log", { message: line });
    return;
  }
  const { event, level, time: _time, ...fields } = entry;
  const known = level === "debug" || level === "warn" || level === "error" ? level : "info";
  logger[known](String(event), fields);
}

async function endChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  child.kill("SIGTERM");
  await exited;
}
