import { RingmainError } from "../../core/errors.ts";
import type { ArmType } from "./arm-type.ts";
import { patchEnvelope, readTracked, writeEnvelope } from "../body/envelope.ts";
import { JsonReader } from "../body/json-reader.ts";
import { PATCHABLE_ACCESS, readPublisherAccess, writePublisherAccess } from "../body/publisher-access.ts";

const ROUTING_MODES = ["SourceEventAttribute", "ChannelNameHeader"] as const;

/** `Microsoft.EventGrid/partnerNamespaces` */
export const partnerNamespaces: ArmType<"Microsoft.EventGrid/partnerNamespaces"> = {
  type: "Microsoft.EventGrid/partnerNamespaces",
  placement: { kind: "group" },
  answers: { created: 201, replaced: 201, patched: 200, deleted: 200 },
  actions: ["listKeys", "regenerateKey"],
  patchable: ["tags", ...PATCHABLE_ACCESS],
  longRunning: false,
  read: (namespace, context) => ({
    ...readTracked(namespace, context),
    properties: {
      provisioningState: "Succeeded",
      endpoint: context.endpoint,
      partnerRegistrationFullyQualifiedId: namespace.properties.partnerRegistrationFullyQualifiedId,
      partnerTopicRoutingMode: namespace.properties.partnerTopicRoutingMode,
      ...readPublisherAccess(namespace.properties),
    },
  }),
  write: (body, context) => {
    const properties = body.child("properties") ?? new JsonReader({});
    const before = context.before?.properties;
    const mode = properties.oneOf("partnerTopicRoutingMode", ROUTING_MODES);
    if (before !== undefined && mode !== undefined && mode !== before.partnerTopicRoutingMode) {
      // [ARM-FIXED]
      throw new RingmainError(
        "invalid_request",
        "The property 'partnerTopicRoutingMode' of a partner namespace cannot be changed.",
      );
    }
    return {
      ...writeEnvelope("Microsoft.EventGrid/partnerNamespaces", body, context),
      properties: {
        partnerRegistrationFullyQualifiedId:
          properties.text("partnerRegistrationFullyQualifiedId") ?? before?.partnerRegistrationFullyQualifiedId ?? "",
        partnerTopicRoutingMode: mode ?? before?.partnerTopicRoutingMode ?? "SourceEventAttribute",
        ...writePublisherAccess(properties),
      },
    };
  },
  patch: (body, { before }) => ({
    ...patchEnvelope("Microsoft.EventGrid/partnerNamespaces", body, before),
    properties: {
      ...before.properties,
      ...writePublisherAccess(body.child("properties") ?? new JsonReader({}), before.properties),
    },
  }),
};
