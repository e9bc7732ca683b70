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
import { createLimiter } from "../../core/limiter.ts";

/** How a function app is hosted. */
export interface FunctionsHostOptions {
  /** The folder with the app's `package.json`. */
  readonly appFolder: string;
  /** The address to listen on, for example `127.0.0.1`. */
  readonly host: string;
  /** 0 for any that is free. */
  readonly port: number;
  readonly logger: Logger;
  /** Keys that callers must show; without them everybody is let in, as by `func start`. */
  readonly systemKeys?: SystemKeys;
  /** Milliseconds within which a request must have arrived whole. 60,000 unless set. */
  readonly requestTimeoutMs?: number;
  /** How long `stop` waits for running functions. 10,000 unless set. */
  readonly stopTimeoutMs?: number;
}

/** A function that can be reached. */
export interface HostedFunction {
  readonly name: string;
  readonly trigger: HostedTrigger;
  /** An HTTP function's, without a leading slash: `api/orders/{id}`. */
  readonly route?: string;
  /** Where Event Grid delivers an `eventGrid` or `storageBlob` function's events; without a key. */
  readonly eventGridUrl?: string;
}

/** A function app that is being hosted. */
export interface FunctionsHost {
  /** For example `http://127.0.0.1:7071`. */
  readonly url: string;
  readonly functions: readonly HostedFunction[];
  /** Takes no more requests, waits for running functions, and runs `appTerminate` hooks. Idempotent. */
  stop(): Promise<void>;
}

/**
 * Hosts an `@azure/functions` version 4 app, built to JavaScript, in this process: its Event Grid and blob functions
 * behind the webhooks that Azure Functions has, its HTTP functions under their routes. `Values` of its
 * `local.settings.json` go into this process's environment. There can be one app per process.
 *
 * Throws `invalid_request`, naming file and reason, when the app cannot be loaded; `conflict` for a second app.
 */
export async function startFunctionsHost(options: FunctionsHostOptions): Promise<FunctionsHost> {
  const { logger, systemKeys: keys, requestTimeoutMs = 60_000, stopTimeoutMs = 10_000 } = options;
  const appFolder = resolve(options.appFolder);
  // The app reads its settings from the environment; there is no other way to hand them over.
  const environment: Environment = process.env;
  const kept = await applyLocalSettings(appFolder, environment);
  if (kept.length > 0) logger.info("local_settings_kept", { names: kept, reason: "set in the environment already" });
  const settings = await readHostSettings(appFolder);
  const app = await FunctionApp.load(appFolder, logger);
  const sorted = sortFunctions(app, logger);
  const invoker = new Invoker(app, logger, settings.functionTimeoutMs);
  const httpFunctions = routeHttpFunctions(sorted.http.values(), settings.routePrefix, environment);
  warnOfRoutes(httpFunctions, logger);
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

/** [EG-FUNC-UNSUPPORTED] What cannot be hosted, wholly or in part, is said when the app is loaded. */
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

function warnOfRoutes(functions: readonly HttpFunction[], logger: Logger): void {
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

interface StoppingParts {
  readonly host: HostListener;
  readonly blobs: BlobWebhook;
  readonly invoker: Invoker;
  readonly app: FunctionApp;
  readonly logger: Logger;
  readonly stopTimeoutMs: number;
}

async function stopHost({ host, blobs, invoker, app, logger, stopTimeoutMs }: StoppingParts): Promise<void> {
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
