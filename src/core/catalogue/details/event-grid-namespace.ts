import type { JsonObject } from "../../json.ts";
import { event, type TopicTypeDetails } from "../topic-type-details.ts";

const CLIENT: JsonObject = { clientAuthenticationName: "van-1", clientName: "van-1", namespaceName: "<name>" };
const SESSION_SUBJECT = "clients/van-1/sessions/session-1";
const SESSION: JsonObject = {
  namespaceName: "<name>",
  clientAuthenticationName: "van-1",
  clientSessionName: "session-1",
  sequenceNumber: 1,
};

/** `Microsoft.EventGrid.Namespaces` */
export const eventGridNamespace: TopicTypeDetails = {
  displayName: "Event Grid Namespaces",
  description: "MQTT clients of a namespace and their sessions.",
  eventTypes: {
    MQTTClientCreatedOrUpdated: event("An MQTT client was created or changed.", "1", "clients/van-1", {
      ...CLIENT,
      state: "Enabled",
      createdOn: "<time>",
      updatedOn: "<time>",
      attributes: { fleet: "north" },
    }),
    MQTTClientDeleted: event("An MQTT client was deleted.", "1", "clients/van-1", CLIENT),
    MQTTClientSessionConnected: event("An MQTT client's session began.", "1", SESSION_SUBJECT, SESSION),
    MQTTClientSessionDisconnected: event("An MQTT client's session ended.", "1", SESSION_SUBJECT, {
      ...SESSION,
      disconnectionReason: "ClientInitiatedDisconnect",
    }),
  },
};
