import { readFileSync } from "node:fs";
import { isIPv6 } from "node:net";
import type { Command } from "commander";
import type { Config } from "../app/config/schema.ts";
import { toError } from "../core/errors.ts";
import { addConfigOption, readConfiguration, type ConfigurationFlags } from "./configuration.ts";
import { ExitError } from "./exit-error.ts";

/** Flags of a command that sends requests to a running Ringmain. */
export interface ServerFlags extends ConfigurationFlags {
  readonly http?: string;
  readonly adminKey?: string;
}

/** Address of a running Ringmain, and the key for its management routes. */
export interface RunningServer {
  /** Origin, without a trailing slash. */
  readonly url: string;
  readonly adminKey: string | undefined;
}

/** Adds `--http`, `--admin-key` and `--config` to a command. */
export function addServerOptions(command: Command): void {
  addAddressOptions(command);
  command.option("--admin-key <key>", "admin key of the running Ringmain (default: adminKey of the configuration)");
}

/** Adds `--http` and `--config` to a command that needs no credentials. */
export function addAddressOptions(command: Command): void {
  command.option("--http <url>", "address of the running Ringmain (default: host and port of the configuration)");
  addConfigOption(command);
}

/** Returns the server that the flags select, or else the one that the configuration describes. */
export function runningServer(flags: ServerFlags): RunningServer {
  const result = readConfiguration(flags);
  if (result.kind === "problems" && flags.http === undefined) throw new ExitError(2, result.problems);
  const config = result.kind === "problems" ? undefined : result.loaded.config;
  return {
    url: flags.http ?? (config === undefined ? "" : localUrl(config)),
    adminKey: flags.adminKey ?? config?.adminKey,
  };
}

/** Returns the address of a server on this machine: a loopback address if it listens on all addresses. */
function localUrl({ host, port }: Pick<Config, "host" | "port">): string {
  const address = ({ "0.0.0.0": "127.0.0.1", "::": "::1" } as Record<string, string | undefined>)[host] ?? host;
  return `http://${isIPv6(address) ? `[${address}]` : address}:${port}`;
}

/** Sends a POST request to a management route, with an optional JSON body. */
export async function callServer({ url, adminKey }: RunningServer, path: string, body?: unknown): Promise<Response> {
  return send(`${url}${path}`, {
    method: "POST",
    headers: {
      ...(adminKey === undefined ? {} : { authorization: `Bearer ${adminKey}` }),
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

/** Calls `fetch`. Throws an {@link ExitError} when there is no response. */
export async function send(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch (thrown) {
    const { cause, message } = toError(thrown);
    const reason = cause instanceof Error ? cause.message : message;
    throw new ExitError(1, [
      `No response from ${new URL(url).origin}: ${reason}. Check that 'ringmain start' is running at this address.`,
    ]);
  }
}

/** Returns the message of an error response in Azure's form, or the whole text of any other response. */
export function errorMessage(text: string): string {
  try {
    const { error } = JSON.parse(text) as { error?: { message?: string } };
    return error?.message ?? text;
  } catch {
    return text;
  }
}

/**
 * Reads JSON from a file, or from standard input for `-`. Throws an {@link ExitError} if it cannot be read or is
 * invalid.
 */
export function readJson(file: string): unknown {
  let text: string;
  try {
    text = readFileSync(file === "-" ? 0 : file, "utf8");
  } catch (thrown) {
    throw new ExitError(2, [`Cannot read ${file}: ${toError(thrown).message}`]);
  }
  return jsonOf(text, file);
}

/** Parses JSON text. If it is invalid, throws an {@link ExitError} that names its origin. */
export function jsonOf(text: string, origin: string): unknown {
  try {
    return JSON.parse(text);
  } catch (thrown) {
    throw new ExitError(2, [`${origin} is not valid JSON: ${toError(thrown).message}`]);
  }
}
