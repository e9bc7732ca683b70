import { encodeSystemEvents } from "../../codec/system-event.ts";
import { SECOND_MS } from "../../core/time.ts";
import type { Destinations } from "../../destinations/index.ts";
import { Engine } from "../../engine/engine.ts";
import type { Store } from "../../ports/store.ts";
import type { Tracer } from "../../ports/tracer.ts";
import { ownAudienceCheck } from "../access/own-audiences.ts";
import { deliverySchedule } from "../config/delivery-schedule.ts";
import type { StartContext } from "../lifecycle/start-context.ts";
import type { OwnAddress } from "../report/own-address.ts";

/** The parts that an engine uses. */
export interface EngineParts {
  readonly store: Store;
  readonly destinations: Destinations;
  readonly tracer: Tracer | undefined;
  readonly ownAddress: OwnAddress;
}

/** Duration of a lock, in attempts that reach their time limit. */
const ATTEMPTS_PER_LOCK = 4;

/** Opens an engine that does not route or deliver events yet. Its release ends the attempts in progress. */
export function openEngine(
  { config, clock, random, logger, parts }: StartContext,
  { store, destinations, tracer, ownAddress }: EngineParts,
): Engine {
  const { delivery, mode } = config;
  const engine = new Engine({
    store,
    clock,
    random,
    logger,
    destinations,
    limits: {
      attempts: delivery.attempts,
      attemptsPerSubscription: delivery.attemptsPerSubscription,
      lockMs: ATTEMPTS_PER_LOCK * delivery.timeoutSeconds * SECOND_MS,
    },
    relaxedLimits: config.limits === "relaxed",
    isOwnAudience: ownAudienceCheck(config),
    enforceHandshake: mode === "production",
    maxWaitingDeliveries: config.server.maxWaitingDeliveries,
    ...deliverySchedule(config),
    retryForbidden: delivery.retryForbidden,
    validationUrl: (subscriptionName, code) => ownAddress.validationUrl(subscriptionName, code),
    encodeSystemEvents: (sourceId, events) =>
      encodeSystemEvents(sourceId, events, { now: clock.now(), newId: () => random.uuid() }),
    tracer,
  });
  parts.push("engine", (deadline) => engine.stop(deadline));
  return engine;
}
