import { event, type EventTypeDetails, type TopicTypeDetails } from "../topic-type-details.ts";

function waiting(description: string, dead: boolean): EventTypeDetails {
  const entity = "orders/subscriptions/billing";
  const queue = dead ? `${entity}/$deadletterqueue` : entity;
  return event(description, "1", "topics/orders/subscriptions/billing", {
    namespaceName: "<name>",
    requestUri: `https://<name>.servicebus.windows.net/${queue}/messages/head`,
    entityType: "subscriber",
    queueName: null,
    topicName: "orders",
    subscriptionName: "billing",
  });
}

/** `Microsoft.ServiceBus.Namespaces` */
export const serviceBus: TopicTypeDetails = {
  displayName: "Service Bus Namespaces",
  description: "Messages that wait in the queues and subscriptions of a namespace.",
  eventTypes: {
    ActiveMessagesAvailableWithNoListeners: waiting("Messages are waiting, and there is no receiver.", false),
    DeadletterMessagesAvailableWithNoListeners: waiting("Dead letters are waiting, and there is no receiver.", true),
    ActiveMessagesAvailablePeriodicNotifications: waiting(
      "Messages are waiting; the event is repeated while they are.",
      false,
    ),
    DeadletterMessagesAvailablePeriodicNotifications: waiting(
      "Dead letters are waiting; the event is repeated while they are.",
      true,
    ),
  },
};
