import { Buffer } from "node:buffer";
import { encodeEvent } from "../../codec/encode/encode-event.ts";
import type { DeliveryOutcome, LockedDelivery } from "../../core/delivery.ts";
import { toError } from "../../core/errors.ts";
import type { JsonObject } from "../../core/json.ts";
import type { MonitorAlertProperties } from "../../core/destinations/monitor-alert.ts";
import type { Subscriber } from "../../core/subscriber.ts";
import { formatTime, type EpochMs } from "../../core/time.ts";
import type { Destination } from "../../ports/destination.ts";
import { fileFailure } from "../outgoing/file-failure.ts";
import { oneByOne } from "../push/one-by-one.ts";
import type { JsonLinesFile } from "../file/json-lines-file.ts";

/** A fired alert. */
export interface Alert {
  readonly firedAt: string;
  readonly severity: MonitorAlertProperties["severity"];
  readonly description?: string;
  readonly actionGroups: readonly string[];
  /** ARM id of the event subscription. */
  readonly eventSubscription: string;
  /** ARM id of the source. */
  readonly source: string;
  /** The event, as a CloudEvent. */
  readonly event: JsonObject;
}

/** Alerts that are kept in memory; the file contains more. */
const KEPT = 1_000;
const MAX_FILE_BYTES = 100_000_000;

/** The alerts of one Ringmain: the latest in memory, and all of them in the file, if one is configured. */
export class Alerts {
  readonly #file: JsonLinesFile | undefined;
  #latest: Alert[] = [];

  constructor(file: JsonLinesFile | undefined) {
    this.#file = file;
  }

  /** Returns the latest alerts, oldest first. */
  list(): readonly Alert[] {
    return this.#latest;
  }

  /** Resolves when the alert is durable. Rejects with the file system's error. */
  async record(alert: Alert): Promise<void> {
    await this.#file?.append(Buffer.from(`${JSON.stringify(alert)}\n`), MAX_FILE_BYTES);
    this.#latest = [...this.#latest.slice(1 - KEPT), alert];
  }
}

/**
 * Opens a destination that fires an alert for each event. Without Azure Monitor, alerts are only recorded. Source:
 * [EG-ALERT]
 */
export function openMonitorAlert(
  alerts: Alerts,
  subscriber: Subscriber,
  { severity, description, actionGroups = [] }: MonitorAlertProperties,
): Destination {
  async function deliverOne({ event }: LockedDelivery, now: EpochMs, signal: AbortSignal): Promise<DeliveryOutcome> {
    if (signal.aborted) return { kind: "failed", outcome: "Aborted", detail: "No alert was recorded." };
    const json = Buffer.from(encodeEvent(event, "CloudEventSchemaV1_0")).toString();
    try {
      await alerts.record({
        firedAt: formatTime(now),
        severity,
        ...(description !== undefined && { description }),
        actionGroups,
        eventSubscription: subscriber.id,
        source: subscriber.source,
        event: JSON.parse(json) as JsonObject,
      });
      return { kind: "accepted" };
    } catch (thrown) {
      const { outcome, cause } = fileFailure(toError(thrown));
      return { kind: "failed", outcome, detail: `The alert could not be recorded: ${cause}.` };
    }
  }
  return { deliver: oneByOne(deliverOne), close: async () => {} };
}
