import { resolve } from "node:path";
import { toError } from "../../core/errors.ts";
import type { Logger } from "../../ports/logger.ts";
import { applyLocalSettings, type Environment } from "../app/app-settings.ts";
import { BlobWebhook } from "../triggers/blob-webhook.ts";
import { FunctionApp, type RegisteredFunction } from "../app/function-app.ts";
import { HOST_LIMITS } from "./host-limits.ts";
import type { SystemKeys } from "./host-keys.ts";
import { HostListener } from "./host-listener.ts";
import { readHostSettings } from "../app/host-settings.ts";
import { describeHosting, type HostedTrigger } from "../app/hosted-function.ts";
import { routeHttpFunctions, type HttpFunction } from "../triggers/http-functions.ts";
import { Invoker } from "../app/invoker.ts";
import { createLimiter } from "../../core/async/limiter.ts";

/** Options for hosting a function app. */
export interface FunctionsHostOptions {
  /** Folder with the app's `package.json`. */
  readonly appFolder: string;
  /** Address to listen on, for example `127.0.0.1`. */
  readonly host: string;
  /** Port to listen on; 0 takes a free one. */
  readonly port: number;
  readonly logger: Logger;
  /** Keys that callers must send. If unset, no keys are needed, as with `func start`. */
  readonly systemKeys?: SystemKeys;
  /** Time in milliseconds within which a request must have arrived completely. Default: 60,000. */
  readonly requestTimeoutMs?: number;
  /** Time in milliseconds for which `stop` waits for running functions. Default: 10,000. */
  readonly stopTimeoutMs?: number;
}

/** A function that the host runs. */
export interface HostedFunction {
  readonly name: string;
  readonly trigger: HostedTrigger;
  /** Route of an HTTP function without a leading slash: `api/orders/{id}`. */
  readonly route?: string;
  /** URL, without a key, to which Event Grid delivers the events of an `eventGrid` or `storageBlob` function. */
  readonly eventGridUrl?: string;
}

/** A function app that is running. */
export interface FunctionsHost {
  /** URL of the host, for example `http://127.0.0.1:7071`. */
  readonly url: string;
  readonly functions: readonly HostedFunction[];
  /** Stops accepting requests, waits for running functions, and runs `appTerminate` hooks. Idempotent. */
  stop(): Promise<void>;
}

/**
 * Hosts an `@azure/functions` version 4 app, built to JavaScript, in this process. Its Event Grid and blob
 * functions get the webhooks that Azure Functions has, its HTTP functions get their routes. `Values` of its
 * `local.settings.json` are copied into this process's environment. A process can host one app.
 *
 * Rejects with `invalid_request`, which names file and reason, if the app cannot be loaded, and with `conflict` for
 * a second app.
 */
export async function startFunctionsHost(options: FunctionsHostOptions): Promise<FunctionsHost> {
  const { logger, systemKeys: keys, requestTimeoutMs = 60_000, stopTimeoutMs = 10_000 } = options;
  const appFolder = resolve(options.appFolder);
  // The app reads its settings from the environment: there is no other way to pass them.
  const environment: Environment = process.env;
  const kept = await applyLocalSettings(appFolder, environment);
  if (kept.length > 0) logger.info("local_settings_kept", { names: kept, reason: "already set in the environment" });
  const settings = await readHostSettings(appFolder);
  const app = await FunctionApp.load(appFolder, logger);
  const sorted = sortFunctions(app, logger);
  const invoker = new Invoker(app, logger, settings.functionTimeoutMs);
  const httpFunctions = routeHttpFunctions(sorted.http.values(), settings.routePrefix, environment);
  warnAboutConstraints(httpFunctions, logger);
  const blobs = new BlobWebhook({
    appFolder,
    environment,
    functions: sorted.storageBlob,
    invoker,
    logger,
    tries: settings.blobTries,
  });
  const host = new HostListener(logger, requestTimeoutMs, {
    keys,
    blobs,
    eventGrid: {
      functions: sorted.eventGrid,
      unsupported: sorted.unsupported,
      invoker,
      limiter: createLimiter(HOST_LIMITS.concurrentEvents),
    },
    http: { functions: httpFunctions, invoker, keys, streams: app.streamsHttp },
  });
  const url = await host.listen(options.host, options.port);
  let stopping: Promise<void> | undefined;
  return {
    url,
    functions: hostedFunctions(url, sorted, httpFunctions),
    stop: () => {
      stopping ??= stopHost({ host, blobs, invoker, app, logger, stopTimeoutMs });
      return stopping;
    },
  };
}

interface SortedFunctions extends Readonly<Record<HostedTrigger, ReadonlyMap<string, RegisteredFunction>>> {
  /** Reasons by function name. */
  readonly unsupported: ReadonlyMap<string, string>;
}

/**
 * Groups the app's functions by trigger. Logs a warning for each function that cannot be hosted fully.
 * [EG-FUNC-UNSUPPORTED]
 */
function sortFunctions(app: FunctionApp, logger: Logger): SortedFunctions {
  const sorted = {
    eventGrid: new Map<string, RegisteredFunction>(),
    storageBlob: new Map<string, RegisteredFunction>(),
    http: new Map<string, RegisteredFunction>(),
    unsupported: new Map<string, string>(),
  };
  for (const registered of app.functions.values()) {
    const { name } = registered;
    const hosting = describeHosting(registered);
    if (hosting.kind === "unsupported") {
      sorted.unsupported.set(name, hosting.reason);
      logger.warn("function_not_supported", { function: name, reason: hosting.reason });
    } else {
      sorted[hosting.trigger].set(name, registered);
      for (const reason of hosting.warnings) logger.warn("function_partly_supported", { function: name, reason });
    }
  }
  if (app.streamsHttp && sorted.http.size > 0) {
    logger.warn("function_not_supported", { function: [...sorted.http.keys()].join(", "), reason: "enableHttpStream" });
  }
  return sorted;
}

function warnAboutConstraints(functions: readonly HttpFunction[], logger: Logger): void {
  for (const { registered, route } of functions) {
    if (route.unchecked.length === 0) continue;
    const reason = `route constraints that are not checked: ${route.unchecked.join(", ")}`;
    logger.warn("function_partly_supported", { function: registered.name, reason });
  }
}

function hostedFunctions(url: string, sorted: SortedFunctions, http: readonly HttpFunction[]): HostedFunction[] {
  const eventGridUrl = (name: string): string =>
    `${url}/runtime/webhooks/EventGrid?functionName=${encodeURIComponent(name)}`;
  const blobsUrl = (name: string): string =>
    `${url}/runtime/webhooks/blobs?functionName=Host.Functions.${encodeURIComponent(name)}`;
  return [
    ...Array.from(sorted.eventGrid.keys(), (name) => ({
      name,
      trigger: "eventGrid" as const,
      eventGridUrl: eventGridUrl(name),
    })),
    ...Array.from(sorted.storageBlob.keys(), (name) => ({
      name,
      trigger: "storageBlob" as const,
      eventGridUrl: blobsUrl(name),
    })),
    ...http.map(({ registered, route }) => ({
      name: registered.name,
      trigger: "http" as const,
      route: route.template,
    })),
  ];
}

interface StopOptions {
  readonly host: HostListener;
  readonly blobs: BlobWebhook;
  readonly invoker: Invoker;
  readonly app: FunctionApp;
  readonly logger: Logger;
  readonly stopTimeoutMs: number;
}

async function stopHost({ host, blobs, invoker, app, logger, stopTimeoutMs }: StopOptions): Promise<void> {
  const deadline = AbortSignal.timeout(stopTimeoutMs);
  const late = new Promise<"late">((settle) => {
    deadline.addEventListener("abort", () => settle("late"));
  });
  const closed = host.close();
  const finished = Promise.all([blobs.stop(), invoker.idle(), closed]).then(() => "finished" as const);
  if ((await Promise.race([finished, late])) === "late") {
    logger.warn("functions_abandoned", { running: invoker.running, stopTimeoutMs });
    host.abort();
  }
  try {
    await app.terminate();
  } catch (thrown) {
    logger.error("app_terminate_failed", { error: toError(thrown).message });
  }
  await closed;
}
