import type { EngineEvent, EngineListener } from "../../ports/engine-events.ts";
import type { Logger } from "../../ports/logger.ts";
import { formatTime, SECOND_MS, type EpochMs } from "../../core/time.ts";

/** Minimum time between two lines about dropped or dead-lettered events of one subscription. */
const QUIET_MS: number = 10 * SECOND_MS;

/** State of a subscription in the log. */
interface LoggedState {
  /** Failed attempts since the last success. */
  failures: number;
  /** Dropped or dead-lettered events since the last line about them. */
  undelivered: number;
  /** Time of the last line about dropped or dead-lettered events. */
  undeliveredLoggedAt: EpochMs;
}

/**
 * Creates a listener that logs the engine's events. A dead endpoint costs a few lines, not one for each attempt: it logs
 * when a subscription begins to fail (a warning, with the reason), when it recovers (with the number of failures), and
 * how many events it has dropped or dead-lettered (at most every ten seconds). Everything else is logged at debug level.
 */
export function createDeliveryLog(logger: Logger): EngineListener {
  const states = new Map<string, LoggedState>();
  const stateOf = ({ uid }: { readonly uid: string }): LoggedState => {
    const state = states.get(uid) ?? { failures: 0, undelivered: 0, undeliveredLoggedAt: Number.NEGATIVE_INFINITY };
    states.set(uid, state);
    return state;
  };
  return (event) => {
    switch (event.kind) {
      case "published":
        logger.debug("published", { topic: event.topic, events: event.events, unmatched: event.unmatched });
        return;
      case "attempted":
        logAttempt(logger, stateOf(event.subscriber), event);
        return;
      case "dead-lettered":
      case "dropped":
        logUndelivered(logger, stateOf(event.subscriber), event);
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
        // The HTTP layer and the engine log these.
        return;
      default:
        event satisfies never;
    }
  };
}

function logAttempt(logger: Logger, state: LoggedState, event: EngineEvent & { kind: "attempted" }): void {
  const { outcome, durationMs, deliveryCount, deliveries } = event;
  const fields = { subscription: event.subscriber.name, events: deliveries.length, durationMs, deliveryCount };
  if (outcome.kind === "accepted") {
    if (state.failures > 0) logger.info("delivery_recovered", { ...fields, failures: state.failures });
    else logger.debug("delivered", fields);
    state.failures = 0;
    return;
  }
  state.failures += 1;
  const failure = { ...fields, outcome: outcome.outcome, detail: outcome.detail };
  if (state.failures === 1) logger.warn("delivery_failing", failure);
  else logger.debug("delivery_failed", failure);
}

function logUndelivered(
  logger: Logger,
  state: LoggedState,
  event: EngineEvent & { kind: "dead-lettered" | "dropped" },
): void {
  state.undelivered += event.systemIds.length;
  if (event.at - state.undeliveredLoggedAt < QUIET_MS) return;
  const name = event.kind === "dropped" ? "events_dropped" : "events_dead_lettered";
  const { reason, writtenTo } = event;
  const file = writtenTo === undefined ? {} : { file: writtenTo };
  logger.warn(name, { subscription: event.subscriber.name, events: state.undelivered, reason, ...file });
  state.undelivered = 0;
  state.undeliveredLoggedAt = event.at;
}
