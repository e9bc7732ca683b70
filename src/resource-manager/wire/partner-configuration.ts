import type { JsonObject } from "../../core/json.ts";
import type { AuthorizedPartner } from "../../core/resources/resources.ts";
import type { ArmType } from "./arm-type.ts";
import { patchEnvelope, readTracked, writeEnvelope } from "../body/envelope.ts";
import { given } from "../body/given.ts";
import type { JsonReader } from "../body/json-reader.ts";

/** Days that an authorisation lasts unless it says otherwise. */
const DEFAULT_DAYS = 7;

/** `Microsoft.EventGrid/partnerConfigurations`, of which a resource group has one. */
export const partnerConfigurations: ArmType<"Microsoft.EventGrid/partnerConfigurations"> = {
  type: "Microsoft.EventGrid/partnerConfigurations",
  placement: { kind: "group" },
  answers: { created: 201, replaced: 200, patched: 200, deleted: 200 },
  actions: ["authorizePartner", "unauthorizePartner"],
  patchable: ["tags", "properties.defaultMaximumExpirationTimeInDays"],
  longRunning: false,
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
  write: (body, context) => {
    const authorization = body.child("properties")?.child("partnerAuthorization");
    return {
      ...writeEnvelope("Microsoft.EventGrid/partnerConfigurations", body, context, "global"),
      properties: {
        partnerAuthorization: given({
          defaultMaximumExpirationTimeInDays: authorization?.number("defaultMaximumExpirationTimeInDays"),
          authorizedPartnersList: authorization?.children("authorizedPartnersList")?.map(partnerOf),
        }),
      },
    };
  },
  patch: (body, { before }) => {
    const { partnerAuthorization } = before.properties;
    const days = body.child("properties")?.number("defaultMaximumExpirationTimeInDays");
    return {
      ...patchEnvelope("Microsoft.EventGrid/partnerConfigurations", body, before),
      properties: {
        partnerAuthorization: { ...partnerAuthorization, ...given({ defaultMaximumExpirationTimeInDays: days }) },
      },
    };
  },
};

/** A partner as a body names it. */
export function partnerOf(body: JsonReader): AuthorizedPartner {
  return given({
    partnerRegistrationImmutableId: body.text("partnerRegistrationImmutableId"),
    partnerName: body.text("partnerName"),
    authorizationExpirationTimeInUtc: body.text("authorizationExpirationTimeInUtc"),
  });
}
