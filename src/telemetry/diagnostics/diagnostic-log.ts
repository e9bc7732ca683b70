import type { Clock } from "../../ports/clock.ts";
import type { EngineListener } from "../../ports/engine-events.ts";
import type { Logger } from "../../ports/logger.ts";
import { DataPlaneRequests } from "./data-plane-requests.ts";
import { deliveryFailures, publishFailure } from "./failure-records.ts";
import { LineQueue, type LineSink } from "./line-queue.ts";

/** Azure's resource logs as JSON lines. */
export interface DiagnosticLog {
  readonly listener: EngineListener;
  /** Resolves when every earlier event has been written. */
  close(): Promise<void>;
}

/**
 * Opens a log of the records that Azure's diagnostic settings would export: failed attempts, refused publish
 * requests, and the publishers of each minute. The records contain no keys, no queries of URLs and no event data.
 */
export function openDiagnosticLog(sink: LineSink, clock: Clock, logger: Logger): DiagnosticLog {
  const lines = new LineQueue(sink, logger);
  const requests = new DataPlaneRequests(clock, (record) => lines.add(record));
  return {
    listener: (event) => {
      if (event.kind === "attempted") {
        for (const record of deliveryFailures(event)) lines.add(record);
      } else if (event.kind === "publish-answered") {
        const record = publishFailure(event);
        if (record !== undefined) lines.add(record);
        requests.add(event);
      }
    },
    close: async () => {
      requests.close();
      await lines.close();
    },
  };
}
