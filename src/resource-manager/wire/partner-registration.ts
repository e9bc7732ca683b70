import type { ArmType } from "./arm-type.ts";
import { patchEnvelope, readTracked, writeEnvelope } from "../body/envelope.ts";

/** `Microsoft.EventGrid/partnerRegistrations` */
export const partnerRegistrations: ArmType<"Microsoft.EventGrid/partnerRegistrations"> = {
  type: "Microsoft.EventGrid/partnerRegistrations",
  placement: { kind: "group" },
  answers: { created: 200, replaced: 200, patched: 200, deleted: 200 },
  actions: [],
  patchable: ["tags"],
  longRunning: false,
  read: (registration, context) => ({
    ...readTracked(registration, context),
    properties: { provisioningState: "Succeeded", ...registration.properties },
  }),
  write: (body, context) => ({
    ...writeEnvelope("Microsoft.EventGrid/partnerRegistrations", body, context, "global"),
    properties: {
      partnerRegistrationImmutableId:
        body.child("properties")?.text("partnerRegistrationImmutableId") ??
        context.before?.properties.partnerRegistrationImmutableId ??
        context.newId(),
    },
  }),
  patch: (body, { before }) => ({
    ...patchEnvelope("Microsoft.EventGrid/partnerRegistrations", body, before),
    properties: before.properties,
  }),
};
