import { RESOURCE_TYPES } from "../../../resource-manager/resource-types.ts";
import { RingmainError } from "../../../core/errors.ts";
import type { JsonObject } from "../../../core/json.ts";
import { resourceKey } from "../../../core/resources/resource-id.ts";
import type { PartnerRegistrationResource } from "../../../core/resources/resources.ts";
import { ok, type ArmAnswer, type ArmCall } from "../arm-call.ts";
import { wholeList } from "./list-page.ts";

/** Handles `verifiedPartners`: every registered partner counts as verified. [ARM-VERIFIED-PARTNERS] */
export function verifiedPartners({ engine, path }: ArmCall): ArmAnswer {
  const registrations = engine.directory.ofKind("Microsoft.EventGrid/partnerRegistrations");
  const [name] = path.names;
  if (name === undefined) return wholeList(registrations.map(readVerifiedPartner));
  const found = registrations.find((each) => resourceKey(each.name) === resourceKey(name));
  if (found === undefined) throw new RingmainError("not_found", `The verified partner '${name}' was not found.`);
  return ok(readVerifiedPartner(found));
}

function readVerifiedPartner({ name, properties }: PartnerRegistrationResource): JsonObject {
  return {
    id: `/providers/Microsoft.EventGrid/verifiedPartners/${name}`,
    name,
    type: "Microsoft.EventGrid/verifiedPartners",
    systemData: null,
    properties: {
      partnerRegistrationImmutableId: properties.partnerRegistrationImmutableId,
      organizationName: name,
      partnerDisplayName: name,
      partnerTopicDetails: null,
      partnerDestinationDetails: null,
      provisioningState: "Succeeded",
    },
  };
}

/** Handles `extensionTopics/default` of any resource: names the system topic that carries its events. */
export function extensionTopic({ engine, path }: ArmCall): ArmAnswer {
  const systemTopic = engine.directory.systemTopicOf(path.scope);
  return ok({
    id: `${path.scope}/providers/Microsoft.EventGrid/extensionTopics/default`,
    name: "default",
    type: "Microsoft.EventGrid/extensionTopics",
    systemData: null,
    properties: { description: null, systemTopic: systemTopic?.id ?? null },
  });
}

/** Handles `operations`: lists all operations in the table of kinds. */
export function operations(): ArmAnswer {
  return wholeList(Object.values(RESOURCE_TYPES).flatMap(({ type, actions }) => operationsOf(type, actions)));
}

function operationsOf(type: string, actions: readonly string[]): JsonObject[] {
  const [provider = "", ...rest] = type.split("/");
  if (provider !== "Microsoft.EventGrid") return [];
  const names = ["read", "write", "delete", ...actions.map((action) => `${action}/action`)];
  return names.map((name) => ({
    name: `${type}/${name}`,
    display: { provider: "Microsoft Event Grid", resource: rest.join("/"), operation: name, description: null },
    isDataAction: false,
    origin: "UserAndSystem",
    properties: {},
  }));
}
