import { bodyRequest } from "../body/body-request.ts";
import { patchEnvelope, READ_ENVELOPE, readTracked, TRACKED, putEnvelope } from "../body/envelope.ts";
import { EVENT_TYPE_INFO, readEventTypeInfo } from "../body/event-type-info.ts";
import { changeIdentity, IDENTITY, IDENTITY_CHANGES, readIdentity, writeIdentity } from "../body/identity.ts";
import { changes, object, part, text } from "../body/members.ts";
import type { ArmType } from "./arm-type.ts";

/** Names of further members in reads; actions of their own change the state. */
const PROPERTIES_READ = ["provisioningState", "activationState"];

/** The kind `Microsoft.EventGrid/partnerTopics`. Only `activate` and `deactivate` change its state. */
export const partnerTopics: ArmType<"Microsoft.EventGrid/partnerTopics"> = {
  type: "Microsoft.EventGrid/partnerTopics",
  answers: { created: 201, replaced: 200, patched: 200, deleted: 200 },
  actions: ["activate", "deactivate"],
  longRunning: false,
  // The channel creates it.
  exported: undefined,
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
  put: bodyRequest(
    object(
      {
        ...TRACKED,
        identity: IDENTITY,
        properties: object(
          {
            partnerRegistrationImmutableId: text,
            source: text,
            eventTypeInfo: EVENT_TYPE_INFO,
            expirationTimeIfNotActivatedUtc: text,
            partnerTopicFriendlyDescription: text,
            messageForActivation: text,
          },
          PROPERTIES_READ,
        ),
      },
      READ_ENVELOPE,
    ),
    (body, context) => {
      const before = context.before?.properties;
      const { partnerRegistrationImmutableId = "", source = "" } = before ?? {};
      return {
        ...putEnvelope("Microsoft.EventGrid/partnerTopics", body, context),
        ...writeIdentity(body.identity, context.before?.identity),
        properties: {
          partnerRegistrationImmutableId,
          source,
          ...body.properties,
          activationState: before?.activationState ?? "NeverActivated",
        },
      };
    },
  ),
  patch: bodyRequest(
    changes({ tags: TRACKED.tags, identity: IDENTITY_CHANGES, properties: part({}, PROPERTIES_READ) }, [
      ...READ_ENVELOPE,
      "location",
    ]),
    ({ tags, identity }, context) => ({
      ...patchEnvelope("Microsoft.EventGrid/partnerTopics", tags, context),
      ...changeIdentity(identity, context.before.identity),
      properties: context.before.properties,
    }),
  ),
};
