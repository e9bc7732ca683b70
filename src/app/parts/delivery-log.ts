import type { EngineEvent, EngineListener } from "../../ports/engine-events.ts";
import type { Logger } from "../../ports/logger.ts";
import { formatTime, SECOND_MS, type EpochMs } from "../../core/time.ts";

/** Least time between two lines about dropped or dead-lettered events of one subscription. */
const QUIET_MS: number = 10 * SECOND_MS;

/** The state of a subscription as the log has it. */
interface Said {
  failures: number;
  gaveUp: number;
  gaveUpSaidAt: EpochMs;
}

/**
 * Creates a listener that logs the engine's events. A dead endpoint costs a few lines, not one for each attempt: it logs
 * when a subscription begins to fail (a warning, with the reason), when it recovers (with the number of failures), and
 * how many events it has dropped or dead-lettered (at most every ten seconds). Everything else is logged at debug level.
 */
export function createDeliveryLog(logger: Logger): EngineListener {
  const said = new Map<string, Said>();
  const of = ({ uid }: { readonly uid: string }): Said => {
    const known = said.get(uid) ?? { failures: 0, gaveUp: 0, gaveUpSaidAt: Number.NEGATIVE_INFINITY };
    said.set(uid, known);
    return known;
  };
  return (event) => {
    switch (event.kind) {
      case "published":
        logger.debug("published", { topic: event.topic, events: event.events, unmatched: event.unmatched });
        return;
      case "attempted":
        logAttempt(logger, of(event.subscriber), event);
        return;
      case "dead-lettered":
      case "dropped":
        logGivenUp(logger, of(event.subscriber), event);
        return;
      case "delayed":
        logger.info("delivery_delayed", {
          subscription: event.subscriber.name,
          until: formatTime(event.until),
          failures: event.failures,
          outcome: event.cause,
        });
        return;
      case "publish-answered":
      case "handshake":
        // Logged by the HTTP layer and the engine.
        return;
      default:
        event satisfies never;
    }
  };
}

function logAttempt(logger: Logger, said: Said, event: EngineEvent & { kind: "attempted" }): void {
  const { outcome, durationMs, deliveryCount, deliveries } = event;
  const fields = { subscription: event.subscriber.name, events: deliveries.length, durationMs, deliveryCount };
  if (outcome.kind === "accepted") {
    if (said.failures > 0) logger.info("delivery_recovered", { ...fields, failures: said.failures });
    else logger.debug("delivered", fields);
    said.failures = 0;
    return;
  }
  said.failures += 1;
  const failure = { ...fields, outcome: outcome.outcome, detail: outcome.detail };
  if (said.failures === 1) logger.warn("delivery_failing", failure);
  else logger.debug("delivery_failed", failure);
}

function logGivenUp(logger: Logger, said: Said, event: EngineEvent & { kind: "dead-lettered" | "dropped" }): void {
  said.gaveUp += event.systemIds.length;
  if (event.at - said.gaveUpSaidAt < QUIET_MS) return;
  const name = event.kind === "dropped" ? "events_dropped" : "events_dead_lettered";
  const { reason, writtenTo } = event;
  const file = writtenTo === undefined ? {} : { file: writtenTo };
  logger.warn(name, { subscription: event.subscriber.name, events: said.gaveUp, reason, ...file });
  said.gaveUp = 0;
  said.gaveUpSaidAt = event.at;
}
