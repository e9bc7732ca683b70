import { resolve } from "node:path";
import { kindOf } from "../../core/kinds/index.ts";
import type { Resource } from "../../core/resources/resources.ts";
import type { Engine } from "../../engine/engine.ts";
import type { MetricsRoute } from "../../http/admin/metrics.ts";
import type { Store } from "../../ports/store.ts";
import { openDiagnosticLog, type DiagnosticLog } from "../../telemetry/diagnostics/diagnostic-log.ts";
import type { LineSink } from "../../telemetry/diagnostics/line-queue.ts";
import { openRotatingFile } from "../../telemetry/diagnostics/rotating-file.ts";
import { EXPOSITION_TYPE } from "../../telemetry/metrics/exposition.ts";
import { Metrics } from "../../telemetry/metrics/metrics.ts";
import { metricsAccess } from "../access/admin-access.ts";
import type { StartContext } from "../lifecycle/start-context.ts";
import { createDeliveryLog } from "./delivery-log.ts";
import { writeProcessMetrics } from "./process-metrics.ts";
import { VERSION } from "../system/version.ts";

const MEGABYTE = 1_000_000;

/** Opens the diagnostic log, if the configuration sets one. Its release writes the remaining lines. */
export function openDiagnostics({ config, folder, clock, logger, parts }: StartContext): DiagnosticLog | undefined {
  const { file, maxMegabytes } = config.diagnostics;
  if (file === undefined) return undefined;
  const sink = file === "-" ? STANDARD_OUTPUT : openRotatingFile(resolve(folder, file), maxMegabytes * MEGABYTE);
  const diagnostics = openDiagnosticLog(sink, clock, logger);
  parts.push("telemetry", () => diagnostics.close());
  return diagnostics;
}

/** The parts that telemetry observes, and the diagnostic log that it writes to. */
export interface ObservedParts {
  readonly engine: Engine;
  readonly store: Store;
  readonly diagnostics: DiagnosticLog | undefined;
}

/** Connects the log, the metrics and the diagnostic log to an engine. Returns the route for metrics. */
export function observeEngine(
  { config, logger, clock }: StartContext,
  { engine, store, diagnostics }: ObservedParts,
): MetricsRoute {
  engine.observe(createDeliveryLog(logger));
  const metrics = new Metrics({
    version: VERSION,
    queue: store.queue,
    now: () => clock.now(),
    subscriber: (uid) => engine.directory.subscriberByUid(uid),
    filterEvaluations: (uid) => engine.router.filterEvaluations(uid),
    handshakes: () => engine.handshakes.counts(),
    writeProcess: writeProcessMetrics,
  });
  engine.observe(metrics.count);
  engine.directory.onChange((before, after) => {
    if (before !== undefined && before.uid !== after?.uid) forget(metrics, before);
  });
  if (diagnostics !== undefined) engine.observe(diagnostics.listener);
  return { access: metricsAccess(config), contentType: EXPOSITION_TYPE, text: () => metrics.text() };
}

function forget(metrics: Metrics, resource: Resource): void {
  metrics.forgetSubscriber(resource.uid);
  // The events of a system topic are counted under its source.
  metrics.forgetSource(kindOf(resource).eventSource(resource));
}

const STANDARD_OUTPUT: LineSink = {
  write: (text) =>
    new Promise((done, failed) => {
      process.stdout.write(text, (error) => (error === null || error === undefined ? done() : failed(error)));
    }),
  close: async () => {},
};
