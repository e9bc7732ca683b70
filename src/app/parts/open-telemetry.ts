import { resolve } from "node:path";
import { kindOf } from "../../core/kinds/index.ts";
import type { Resource } from "../../core/resources/resources.ts";
import type { Engine } from "../../engine/engine.ts";
import type { MetricsRoute } from "../../http/admin/metrics.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Logger } from "../../ports/logger.ts";
import type { Store } from "../../ports/store.ts";
import { openDiagnosticLog, type DiagnosticLog } from "../../telemetry/diagnostics/diagnostic-log.ts";
import type { LineSink } from "../../telemetry/diagnostics/line-queue.ts";
import { openRotatingFile } from "../../telemetry/diagnostics/rotating-file.ts";
import { EXPOSITION_TYPE } from "../../telemetry/metrics/exposition.ts";
import { Metrics } from "../../telemetry/metrics/metrics.ts";
import { metricsAccess } from "../access/admin-access.ts";
import type { Config } from "../config/schema.ts";
import { createDeliveryLog } from "./delivery-log.ts";
import { writeProcessMetrics } from "./process-metrics.ts";
import { VERSION } from "../system/version.ts";

const MEGABYTE = 1_000_000;

/** What telemetry is made of. */
export interface TelemetryOptions {
  readonly config: Config;
  /** What relative paths in the configuration are relative to. */
  readonly folder: string;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly engine: Engine;
  readonly store: Store;
}

/** What tells operators how a Ringmain is doing. */
export interface Telemetry {
  readonly metrics: MetricsRoute;
  /** Resolves when what was told is written. */
  close(): Promise<void>;
}

/** Makes log, metrics and diagnostic log listen to an engine. */
export function openTelemetry({ config, folder, logger, clock, engine, store }: TelemetryOptions): Telemetry {
  engine.observe(createDeliveryLog(logger));
  const metrics = new Metrics({
    version: VERSION,
    queue: store.queue,
    now: () => clock.now(),
    subscriber: (uid) => engine.directory.subscriberByUid(uid),
    filterEvaluations: (uid) => engine.directory.filterEvaluations(uid),
    handshakes: () => engine.handshakes.counts(),
    writeProcess: writeProcessMetrics,
  });
  engine.observe(metrics.count);
  engine.directory.onChange((before, after) => {
    if (before !== undefined && before.uid !== after?.uid) forget(metrics, before);
  });
  const diagnostics = openDiagnostics(config, folder, clock, logger);
  if (diagnostics !== undefined) engine.observe(diagnostics.listener);
  return {
    metrics: { access: metricsAccess(config), contentType: EXPOSITION_TYPE, text: () => metrics.text() },
    close: async () => diagnostics?.close(),
  };
}

function forget(metrics: Metrics, resource: Resource): void {
  metrics.forgetSubscriber(resource.uid);
  // The events of a system topic are counted under its source.
  metrics.forgetSource(kindOf(resource).eventSource(resource));
}

function openDiagnostics(
  { diagnostics: { file, maxMegabytes } }: Config,
  folder: string,
  clock: Clock,
  logger: Logger,
): DiagnosticLog | undefined {
  if (file === undefined) return undefined;
  const sink = file === "-" ? STANDARD_OUTPUT : openRotatingFile(resolve(folder, file), maxMegabytes * MEGABYTE);
  return openDiagnosticLog(sink, clock, logger);
}

const STANDARD_OUTPUT: LineSink = {
  write: (text) =>
    new Promise((done, failed) => {
      process.stdout.write(text, (error) => (error === null || error === undefined ? done() : failed(error)));
    }),
  close: async () => {},
};
