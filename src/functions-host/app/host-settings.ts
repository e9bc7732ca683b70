import { join } from "node:path";
import { isJsonObject, type JsonObject, type JsonValue } from "../../core/json.ts";
import { readJsonFile } from "./app-settings.ts";

/** The settings of `host.json` that this host supports. */
export interface HostSettings {
  /** Prefix of every HTTP function's route, without slashes at its ends; empty for no prefix. */
  readonly routePrefix: string;
  /** `Infinity` if the app sets no limit. */
  readonly functionTimeoutMs: number;
  /** Attempts at running a blob function before the blob is given up. */
  readonly blobTries: number;
}

/** Reads `host.json`. Missing settings get Azure's defaults. Rejects with `invalid_request`, which names the file. */
export async function readHostSettings(appFolder: string): Promise<HostSettings> {
  const settings = await readJsonFile(join(appFolder, "host.json"));
  const extensions = member(settings, "extensions");
  const routePrefix = member(extensions, "http")?.["routePrefix"];
  const blobTries = member(extensions, "blobs")?.["poisonBlobThreshold"];
  return {
    // [EG-FUNC-HTTP-ROUTE]
    routePrefix: (typeof routePrefix === "string" ? routePrefix : "api").replaceAll(/^\/+|\/+$/g, ""),
    functionTimeoutMs: timeoutMs(settings?.["functionTimeout"]),
    // [EG-FUNC-BLOB-TRIES]
    blobTries: typeof blobTries === "number" && Number.isInteger(blobTries) && blobTries > 0 ? blobTries : 5,
  };
}

function member(object: JsonObject | undefined, name: string): JsonObject | undefined {
  const value = object?.[name];
  return isJsonObject(value) ? value : undefined;
}

/** Parses `hh:mm:ss`, with optional days before it. `-1` means no limit. The default is half an hour. */
function timeoutMs(text: JsonValue | undefined): number {
  if (text === "-1") return Infinity;
  const match = typeof text === "string" ? /^(?:(\d+)\.)?(\d{1,2}):(\d{2}):(\d{2})$/.exec(text) : null;
  if (match === null) return 30 * 60_000;
  const [days, hours, minutes, seconds] = match.slice(1).map((part) => Number(part ?? 0));
  return ((((days ?? 0) * 24 + (hours ?? 0)) * 60 + (minutes ?? 0)) * 60 + (seconds ?? 0)) * 1000;
}
