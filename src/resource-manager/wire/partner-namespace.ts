import { RingmainError } from "../../core/errors.ts";
import type { PartnerNamespaceProperties } from "../../core/resources/resources.ts";
import { bodyRequest } from "../body/body-request.ts";
import { patchEnvelope, READ_ENVELOPE, readTracked, TRACKED, putEnvelope } from "../body/envelope.ts";
import { changes, object, oneOf, part, text } from "../body/members.ts";
import { merged } from "../body/merged.ts";
import { EXPORTED_ACCESS, PUBLISHER_ACCESS, READ_ACCESS, readPublisherAccess } from "../body/publisher-access.ts";
import type { ArmType } from "./arm-type.ts";

/** The kind `Microsoft.EventGrid/partnerNamespaces`. */
export const partnerNamespaces: ArmType<"Microsoft.EventGrid/partnerNamespaces"> = {
  type: "Microsoft.EventGrid/partnerNamespaces",
  answers: { created: 201, replaced: 201, patched: 200, deleted: 200 },
  actions: ["listKeys", "regenerateKey"],
  longRunning: false,
  exported: {
    properties: {
      partnerRegistrationFullyQualifiedId: null,
      partnerTopicRoutingMode: "SourceEventAttribute",
      ...EXPORTED_ACCESS,
    },
    uniqueAmong: "among all partner namespaces in its region",
  },
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
  put: bodyRequest(
    object(
      {
        ...TRACKED,
        properties: object(
          {
            partnerRegistrationFullyQualifiedId: text,
            partnerTopicRoutingMode: oneOf(["SourceEventAttribute", "ChannelNameHeader"]),
            ...PUBLISHER_ACCESS,
          },
          READ_ACCESS,
        ),
      },
      READ_ENVELOPE,
    ),
    (body, context) => {
      const before = context.before?.properties;
      const mode = body.properties?.partnerTopicRoutingMode;
      if (before !== undefined && mode !== undefined && mode !== before.partnerTopicRoutingMode) {
        // [ARM-FIXED]
        throw new RingmainError(
          "invalid_request",
          "The property 'partnerTopicRoutingMode' of a partner namespace cannot be changed.",
        );
      }
      return {
        ...putEnvelope("Microsoft.EventGrid/partnerNamespaces", body, context),
        properties: {
          partnerRegistrationFullyQualifiedId: before?.partnerRegistrationFullyQualifiedId ?? "",
          partnerTopicRoutingMode: before?.partnerTopicRoutingMode ?? "SourceEventAttribute",
          ...body.properties,
        },
      };
    },
  ),
  patch: bodyRequest(
    changes({ tags: TRACKED.tags, properties: part(PUBLISHER_ACCESS, READ_ACCESS) }, READ_ENVELOPE),
    ({ tags, properties }, context) => ({
      ...patchEnvelope("Microsoft.EventGrid/partnerNamespaces", tags, context),
      properties: merged<PartnerNamespaceProperties>(context.before.properties, properties),
    }),
  ),
};
