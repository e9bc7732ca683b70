import { encodeDelivery } from "../../codec/encode/encode-delivery.ts";
import { encodeEvent } from "../../codec/encode/encode-event.ts";
import type { LockedDelivery } from "../../core/delivery.ts";
import type { NatsSubjectProperties } from "../../core/destinations/nats-subject.ts";
import type { Subscriber } from "../../core/subscriber.ts";
import type { Destination } from "../../ports/destination.ts";
import type { FindConnection } from "../find-connection.ts";
import { attempt, unknownConnection } from "../outgoing/attempt.ts";
import type { SharedConnections } from "../outgoing/shared-connections.ts";
import { notificationValues } from "../push/delivery-headers.ts";
import { oneByOne } from "../push/one-by-one.ts";
import { natsServers, type NatsMessage, type NatsPublisher } from "./nats-publisher.ts";

/** Options for {@link openNatsSubject}. */
export interface NatsSubjectOptions {
  readonly publishers: SharedConnections<NatsPublisher>;
  readonly findConnection: FindConnection;
  readonly timeoutMs: number;
  readonly subscriber: Subscriber;
}

/**
 * Opens a destination that publishes each event to a subject, with the `aeg-*` values as headers and the event's
 * internal id for JetStream's detection of duplicates. Source: [EG-NATS-SUBJECT]
 */
export function openNatsSubject(
  { publishers, findConnection, timeoutMs, subscriber }: NatsSubjectOptions,
  { connection, subject, jetStream = false }: NatsSubjectProperties,
): Destination {
  const toMessage = messageMaker(subscriber, subject);
  return {
    deliver: oneByOne(async (delivery, _now, signal) => {
      const url = findConnection(connection);
      if (url === undefined || natsServers(url).length === 0)
        return unknownConnection(connection, "of the form nats://host:port");
      return attempt({ shown: `Publishing to the NATS subject ${subject}`, timeoutMs, signal }, async () => {
        const publisher = await publishers.get(connection, url);
        await (jetStream ? publisher.store(toMessage(delivery), timeoutMs) : publisher.publish(toMessage(delivery)));
      });
    }),
    close: async () => {},
  };
}

function messageMaker(subscriber: Subscriber, subject: string): (delivery: LockedDelivery) => NatsMessage {
  const schema = subscriber.eventDeliverySchema;
  const valuesOf = notificationValues(subscriber);
  return (delivery) => {
    const { contentType } = encodeDelivery([delivery], schema, false);
    const values = valuesOf(delivery);
    const named = values.flatMap((name, at) => (at % 2 === 0 ? [[name, values[at + 1] ?? ""] as const] : []));
    return {
      subject,
      headers: {
        "Content-Type": contentType,
        "Nats-Msg-Id": delivery.event.systemId,
        ...Object.fromEntries(named),
      },
      payload: encodeEvent(delivery.event, schema),
    };
  };
}
