import type { JsonObject } from "../../core/json.ts";
import type { AuthorizedPartner, PartnerConfigurationProperties } from "../../core/resources/resources.ts";
import { bodyRequest } from "../body/body-request.ts";
import { patchEnvelope, READ_ENVELOPE, readTracked, TRACKED, putEnvelope } from "../body/envelope.ts";
import { changes, arrayOf, number, object, part, text, type ObjectMember } from "../body/members.ts";
import { merged } from "../body/merged.ts";
import type { ArmType } from "./arm-type.ts";

/** Days that an authorization lasts by default. */
const DEFAULT_DAYS = 7;
const PROPERTIES_READ = ["provisioningState"];

/** A partner in a body. */
export const PARTNER: ObjectMember<AuthorizedPartner> = object({
  partnerRegistrationImmutableId: text,
  partnerName: text,
  authorizationExpirationTimeInUtc: text,
});

/** The kind `Microsoft.EventGrid/partnerConfigurations`; a resource group has at most one. */
export const partnerConfigurations: ArmType<"Microsoft.EventGrid/partnerConfigurations"> = {
  type: "Microsoft.EventGrid/partnerConfigurations",
  answers: { created: 201, replaced: 200, patched: 200, deleted: 200 },
  actions: ["authorizePartner", "unauthorizePartner"],
  longRunning: false,
  exported: {
    properties: { partnerAuthorization: null },
    after: ["Microsoft.EventGrid/partnerRegistrations"],
  },
  onlyName: "default",
  read: (configuration, context) => {
    const { defaultMaximumExpirationTimeInDays: days, authorizedPartnersList: partners } =
      configuration.properties.partnerAuthorization;
    return {
      ...readTracked(configuration, context),
      properties: {
        provisioningState: "Succeeded",
        partnerAuthorization: {
          defaultMaximumExpirationTimeInDays: days ?? DEFAULT_DAYS,
          authorizedPartnersList: (partners ?? []).map((partner): JsonObject => ({ ...partner })),
        },
      },
    };
  },
  put: bodyRequest(
    object(
      {
        ...TRACKED,
        properties: object(
          {
            partnerAuthorization: object({
              defaultMaximumExpirationTimeInDays: number,
              authorizedPartnersList: arrayOf(PARTNER),
            }),
          },
          PROPERTIES_READ,
        ),
      },
      READ_ENVELOPE,
    ),
    (body, context) => ({
      ...putEnvelope("Microsoft.EventGrid/partnerConfigurations", body, context),
      properties: { partnerAuthorization: body.properties?.partnerAuthorization ?? {} },
    }),
  ),
  // The days are one level higher than in a PUT.
  patch: bodyRequest(
    changes({ tags: TRACKED.tags, properties: part({ defaultMaximumExpirationTimeInDays: number }, PROPERTIES_READ) }, [
      ...READ_ENVELOPE,
      "location",
    ]),
    ({ tags, properties }, context) => ({
      ...patchEnvelope("Microsoft.EventGrid/partnerConfigurations", tags, context),
      properties: {
        partnerAuthorization: merged<PartnerConfigurationProperties["partnerAuthorization"]>(
          context.before.properties.partnerAuthorization,
          properties,
        ),
      },
    }),
  ),
};
