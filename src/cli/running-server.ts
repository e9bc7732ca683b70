import { readFileSync } from "node:fs";
import { isIPv6 } from "node:net";
import type { Command } from "commander";
import type { Config } from "../app/config/schema.ts";
import { toError } from "../core/errors.ts";
import { addConfigOption, readConfiguration, type ConfigurationFlags } from "./configuration.ts";
import { ExitError } from "./exit-error.ts";

/** Flags of a command that talks to a running Ringmain. */
export interface ServerFlags extends ConfigurationFlags {
  readonly http?: string;
  readonly adminKey?: string;
}

/** Where Ringmain runs, and what opens its management routes. */
export interface RunningServer {
  /** Without a slash at its end. */
  readonly url: string;
  readonly adminKey: string | undefined;
}

/** Adds `--http`, `--admin-key` and `--config`. */
export function addServerOptions(command: Command): void {
  addAddressOptions(command);
  command.option("--admin-key <key>", "admin key of the running Ringmain (default: adminKey of the configuration)");
}

/** Adds `--http` and `--config`, for a command that needs no credentials. */
export function addAddressOptions(command: Command): void {
  command.option("--http <url>", "address of the running Ringmain (default: host and port of the configuration)");
  addConfigOption(command);
}

/** The server that the flags or else the configuration name. */
export function runningServer(flags: ServerFlags): RunningServer {
  const result = readConfiguration(flags);
  if (result.kind === "problems" && flags.http === undefined) throw new ExitError(2, result.problems);
  const config = result.kind === "problems" ? undefined : result.loaded.config;
  return {
    url: flags.http ?? (config === undefined ? "" : localUrl(config)),
    adminKey: flags.adminKey ?? config?.adminKey,
  };
}

/** The address of a server of this machine. One that listens everywhere is asked at a loopback address. */
function localUrl({ host, port }: Pick<Config, "host" | "port">): string {
  const near = ({ "0.0.0.0": "127.0.0.1", "::": "::1" } as Record<string, string | undefined>)[host] ?? host;
  return `http://${isIPv6(near) ? `[${near}]` : near}:${port}`;
}

/** Posts to a management route, with a body of JSON if there is one. */
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

/** `fetch`, which ends the command when nobody answers. */
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

/** What an error answer says, be it in Azure's shape or any other. */
export function errorMessage(text: string): string {
  try {
    const { error } = JSON.parse(text) as { error?: { message?: string } };
    return error?.message ?? text;
  } catch {
    return text;
  }
}

/** The JSON of a file, or of standard input for `-`. */
export function readJson(file: string): unknown {
  let text: string;
  try {
    text = readFileSync(file === "-" ? 0 : file, "utf8");
  } catch (thrown) {
    throw new ExitError(2, [`Cannot read ${file}: ${toError(thrown).message}`]);
  }
  return jsonOf(text, file);
}

/** The value of JSON text; `where` it came from is told when it is none. */
export function jsonOf(text: string, where: string): unknown {
  try {
    return JSON.parse(text);
  } catch (thrown) {
    throw new ExitError(2, [`${where} is not valid JSON: ${toError(thrown).message}`]);
  }
}
