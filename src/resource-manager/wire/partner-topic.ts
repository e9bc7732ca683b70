import type { ArmType } from "./arm-type.ts";
import { identityOf, patchEnvelope, readIdentity, readTracked, writeEnvelope } from "../body/envelope.ts";
import { given } from "../body/given.ts";
import { JsonReader } from "../body/json-reader.ts";
import { eventTypeInfoOf, readEventTypeInfo } from "../body/publisher-access.ts";

/** `Microsoft.EventGrid/partnerTopics`. Only `activate` and `deactivate` change its state. */
export const partnerTopics: ArmType<"Microsoft.EventGrid/partnerTopics"> = {
  type: "Microsoft.EventGrid/partnerTopics",
  placement: { kind: "group" },
  answers: { created: 201, replaced: 200, patched: 200, deleted: 200 },
  actions: ["activate", "deactivate"],
  patchable: ["tags", "identity"],
  longRunning: false,
  read: (topic, context) => ({
    ...readTracked(topic, context),
    identity: readIdentity(topic),
    properties: {
      provisioningState: "Succeeded",
      partnerRegistrationImmutableId: topic.properties.partnerRegistrationImmutableId,
      source: topic.properties.source,
      activationState: topic.properties.activationState,
      eventTypeInfo: readEventTypeInfo(topic.properties.eventTypeInfo),
      expirationTimeIfNotActivatedUtc: topic.properties.expirationTimeIfNotActivatedUtc ?? null,
      partnerTopicFriendlyDescription: topic.properties.partnerTopicFriendlyDescription ?? null,
      messageForActivation: topic.properties.messageForActivation ?? null,
    },
  }),
  write: (body, context) => {
    const properties = body.child("properties") ?? new JsonReader({});
    const before = context.before?.properties;
    const { partnerRegistrationImmutableId: partner, source } = before ?? {};
    return {
      ...writeEnvelope("Microsoft.EventGrid/partnerTopics", body, context),
      ...identityOf(body),
      properties: given({
        partnerRegistrationImmutableId: properties.text("partnerRegistrationImmutableId") ?? partner ?? "",
        source: properties.text("source") ?? source ?? "",
        activationState: before?.activationState ?? "NeverActivated",
        eventTypeInfo: eventTypeInfoOf(properties),
        expirationTimeIfNotActivatedUtc: properties.text("expirationTimeIfNotActivatedUtc"),
        partnerTopicFriendlyDescription: properties.text("partnerTopicFriendlyDescription"),
        messageForActivation: properties.text("messageForActivation"),
      }),
    };
  },
  patch: (body, { before }) => ({
    ...patchEnvelope("Microsoft.EventGrid/partnerTopics", body, before),
    ...identityOf(body, before.identity),
    properties: before.properties,
  }),
};
