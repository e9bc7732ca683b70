import { bodyRequest } from "../body/body-request.ts";
import { patchEnvelope, READ_ENVELOPE, readTracked, TRACKED, putEnvelope } from "../body/envelope.ts";
import { changes, object, part, text } from "../body/members.ts";
import type { ArmType } from "./arm-type.ts";

const PROPERTIES_READ = ["provisioningState"];

/** The kind `Microsoft.EventGrid/partnerRegistrations`. */
export const partnerRegistrations: ArmType<"Microsoft.EventGrid/partnerRegistrations"> = {
  type: "Microsoft.EventGrid/partnerRegistrations",
  answers: { created: 200, replaced: 200, patched: 200, deleted: 200 },
  actions: [],
  longRunning: false,
  exported: { properties: {} },
  read: (registration, context) => ({
    ...readTracked(registration, context),
    properties: { provisioningState: "Succeeded", ...registration.properties },
  }),
  put: bodyRequest(
    object(
      { ...TRACKED, properties: object({ partnerRegistrationImmutableId: text }, PROPERTIES_READ) },
      READ_ENVELOPE,
    ),
    (body, context) => ({
      ...putEnvelope("Microsoft.EventGrid/partnerRegistrations", body, context),
      properties: {
        partnerRegistrationImmutableId:
          body.properties?.partnerRegistrationImmutableId ??
          context.before?.properties.partnerRegistrationImmutableId ??
          context.newId(),
      },
    }),
  ),
  patch: bodyRequest(
    changes({ tags: TRACKED.tags, properties: part({}, PROPERTIES_READ) }, [...READ_ENVELOPE, "location"]),
    ({ tags }, context) => ({
      ...patchEnvelope("Microsoft.EventGrid/partnerRegistrations", tags, context),
      properties: context.before.properties,
    }),
  ),
};
