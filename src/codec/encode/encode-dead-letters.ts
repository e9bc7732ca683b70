import type { LockedDelivery } from "../../core/delivery.ts";
import type { EventDeliverySchema } from "../../core/event.ts";
import { formatTime } from "../../core/time.ts";
import { membersOf, objectOf } from "../event-bytes.ts";
import { jsonArray } from "./encode-delivery.ts";
import { encodeEvent } from "./encode-event.ts";

/**
 * Encodes the content of a dead-letter blob: a JSON array of events, each with the reason and details of its
 * failure. Subscriptions that deliver CloudEvents get CloudEvents, with the added names in lower case; all others
 * get the Event Grid schema, with a custom event as `data`.
 * Source: [EG-DEADLETTER-CONTENT]
 */
export function encodeDeadLetters(deliveries: readonly LockedDelivery[], schema: EventDeliverySchema): Uint8Array {
  const cloud = schema === "CloudEventSchemaV1_0";
  return jsonArray(deliveries.map((delivery) => encodeDeadLetter(delivery, cloud)));
}

function encodeDeadLetter(delivery: LockedDelivery, cloud: boolean): Uint8Array {
  const json = encodeEvent(delivery.event, cloud ? "CloudEventSchemaV1_0" : "EventGridSchema");
  const added = Object.entries(failure(delivery, cloud)).map(([name, value]): [string, string] => [
    cloud ? name.toLowerCase() : name,
    JSON.stringify(value),
  ]);
  const members = new Map(membersOf(json));
  // A dead letter that was published again still has the attributes of its first failure.
  for (const [name] of added) members.delete(name);
  return objectOf(json, members.values(), added.map(([name, value]) => `"${name}":${value}`).join(","));
}

function failure(
  { event, deadLetterReason, deliveryCount, lastAttempt }: LockedDelivery,
  cloud: boolean,
): Record<string, string | number> {
  // [EG-PROBATION-EXPIRED] No attempt was made, so there is no outcome to report.
  const untried = deadLetterReason === "UndeliverableDueToProbationCausedByClientError";
  const outcome = untried ? "Probation" : lastAttempt?.outcome;
  return {
    ...(deadLetterReason !== undefined && { deadLetterReason }),
    deliveryAttempts: deliveryCount,
    ...(outcome !== undefined && { lastDeliveryOutcome: outcome }),
    ...(!cloud && lastAttempt?.httpStatus !== undefined && { lastHttpStatusCode: lastAttempt.httpStatus }),
    publishTime: formatTime(event.publishedAt),
    ...(lastAttempt && { lastDeliveryAttemptTime: formatTime(lastAttempt.at) }),
  };
}
