import { resolve } from "node:path";
import { Command, Option } from "commander";
import type { SystemKeys } from "../../app/host-function-app.ts";
import { createLineLogger } from "../../app/system/line-logger.ts";
import { isJsonObject, type JsonObject } from "../../core/json.ts";
import { ExitError } from "../exit-error.ts";
import { SECOND_MS } from "../../core/time.ts";
import { createOutput, JSON_OPTIONS } from "../output.ts";
import { readJson } from "../running-server.ts";

const KEY_NAMES: readonly (keyof SystemKeys)[] = ["master", "functions", "eventGrid", "blobs"];

interface FunctionsFlags {
  readonly json?: boolean;
  readonly port: number;
  readonly host: string;
  readonly keys?: string;
  /** In seconds. */
  readonly requestTimeout: number;
}

/** Creates the command `ringmain functions`, which hosts an Azure Functions application until it gets a signal. */
export function functionsCommand(): Command {
  const command = new Command("functions")
    .description(
      "Host an @azure/functions v4 application: eventGrid, storageBlob (source EventGrid) and http triggers.",
    )
    .argument("<folder>", "the application's folder, with its package.json")
    .addOption(
      new Option("--port <number>", "port to listen on; 0 chooses a free port").default(7071).argParser(Number),
    )
    .addOption(new Option("--host <address>", "address to listen on").default("127.0.0.1"))
    .addOption(
      new Option("--request-timeout <seconds>", "time limit for receiving a request").default(60).argParser(Number),
    )
    // Used by a Ringmain that starts this command as a child process.
    .addOption(
      new Option("--keys <file>", "JSON with the keys that callers must show; - is standard input").hideHelp(),
    );
  for (const option of JSON_OPTIONS) command.addOption(option);
  return command.action(host);
}

async function host(folder: string, flags: FunctionsFlags): Promise<void> {
  const output = createOutput(flags.json);
  const logger = createLineLogger("info", (line) => output.log(line));
  const { startFunctionsHost } = await import("../../app/host-function-app.ts");
  const running = await startFunctionsHost({
    appFolder: resolve(process.cwd(), folder),
    host: flags.host,
    port: flags.port,
    requestTimeoutMs: flags.requestTimeout * SECOND_MS,
    logger,
    ...(flags.keys !== undefined && { systemKeys: readKeys(flags.keys) }),
  });
  const text = running.functions.map(({ name, trigger, eventGridUrl, route }) => {
    return `  ${name.padEnd(24)} ${trigger.padEnd(12)} ${eventGridUrl ?? route ?? ""}`;
  });
  output.report(
    "ready",
    { url: running.url, functions: running.functions },
    [`The functions of ${folder} are available at ${running.url}`, ...text].join("\n"),
  );
  await ended();
  await running.stop();
  // Connections and timers of the application must not keep the process alive.
  process.exit(0);
}

/** Reads the keys. Refuses unknown names, so that a misspelled one does not leave functions unprotected. */
function readKeys(file: string): SystemKeys {
  const content = readJson(file);
  if (isJsonObject(content) && isKeys(content)) return content;
  throw new ExitError(2, [
    `${file} (--keys) must be a JSON object with the keys ${KEY_NAMES.join(", ")}, and no others.`,
  ]);
}

function isKeys(content: JsonObject): content is Readonly<Record<keyof SystemKeys, string>> {
  const named = KEY_NAMES.every((name) => typeof content[name] === "string" && content[name] !== "");
  return named && Object.keys(content).length === KEY_NAMES.length;
}

/** Resolves on a signal, or when the Ringmain that started this process has ended. */
function ended(): Promise<void> {
  return new Promise((done) => {
    process.once("SIGTERM", () => done());
    process.once("SIGINT", () => done());
    process.once("disconnect", () => done());
  });
}
