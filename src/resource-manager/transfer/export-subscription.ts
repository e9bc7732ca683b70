import { DEAD_LETTER_KINDS, isDeadLetterType } from "../../core/destinations/dead-letter.ts";
import { isEndpointType, isSecret, propertiesWhere } from "../../core/destinations/destination-facts.ts";
import { DESTINATION_KINDS } from "../../core/destinations/index.ts";
import { asText, isJsonObject, type JsonArray, type JsonObject } from "../../core/json.ts";
import { writableDestination, writableSubscription } from "./writable.ts";
import { HIDDEN } from "../body/delivery-attributes.ts";
import type { RunningSubscription } from "./running-resources.ts";
import type { TemplateObject, TemplateValue } from "./template-value.ts";

/** Writer of a subscription's secrets. */
export interface SecretWriter {
  /** Returns the form of a webhook's URL. */
  readonly url: (url: string) => TemplateValue;
  /** Returns the form of a secret delivery attribute; `undefined` omits it. */
  readonly attribute: (name: string, value: string | undefined) => TemplateValue | undefined;
}

/** Returns the kind of a subscription's destination. */
export function endpointTypeOf({ properties }: Pick<RunningSubscription, "properties">): string {
  const { destination } = targetOf(properties, "destination", "deliveryWithResourceIdentity");
  return typeof destination["endpointType"] === "string" ? destination["endpointType"] : "";
}

/** Returns whether Azure has a kind of destination. */
export function isAzures(endpointType: string): boolean {
  return isEndpointType(endpointType) && DESTINATION_KINDS[endpointType].origin === "azure";
}

/** Returns the names of the destination's secrets that are set, but that no call returns. */
export function hiddenMembers({ properties }: Pick<RunningSubscription, "properties">): readonly string[] {
  const { destination } = targetOf(properties, "destination", "deliveryWithResourceIdentity");
  const members = isJsonObject(destination["properties"]) ? destination["properties"] : {};
  const hidden = propertiesWhere(endpointTypeOf({ properties }), (property) => isSecret(property, "hidden"));
  return hidden.filter((name) => members[name] === HIDDEN);
}

/** Returns the names of the destination's properties that a configuration file cannot contain. */
export function membersNotInFile(subscription: Pick<RunningSubscription, "properties">): readonly string[] {
  return propertiesWhere(endpointTypeOf(subscription), ({ notInFile }) => notInFile === true);
}

/** Returns all writable members of a subscription, with secrets in the form of `secrets`. */
export function writtenSubscription(subscription: RunningSubscription, secrets: SecretWriter): TemplateObject {
  const { properties } = subscription;
  const target = targetOf(properties, "destination", "deliveryWithResourceIdentity");
  const destination = writtenDestination(subscription, target.destination, secrets);
  const dead = targetOf(properties, "deadLetterDestination", "deadLetterWithResourceIdentity");
  return {
    ...(target.identity === undefined
      ? { destination }
      : { deliveryWithResourceIdentity: { identity: target.identity as TemplateObject, destination } }),
    ...(writableSubscription(properties) as TemplateObject),
    ...(deadLetter(dead) as TemplateObject),
  };
}

function deadLetter({ identity, destination }: Target): JsonObject {
  if (Object.keys(destination).length === 0) return {};
  if (identity === undefined) return { deadLetterDestination: destination };
  return { deadLetterWithResourceIdentity: { identity, deadLetterDestination: destination } };
}

interface Target {
  readonly destination: JsonObject;
  readonly identity: JsonObject | undefined;
}

/** Returns the destination and identity from one of two alternative members. */
function targetOf(properties: JsonObject, plain: string, withIdentity: string): Target {
  const outer = properties[withIdentity];
  const inner = isJsonObject(outer) ? outer[plain] : properties[plain];
  const identity = isJsonObject(outer) && isJsonObject(outer["identity"]) ? outer["identity"] : undefined;
  const { type = null, userAssignedIdentity } = identity ?? {};
  const written = typeof userAssignedIdentity === "string" ? { type, userAssignedIdentity } : { type };
  return { destination: isJsonObject(inner) ? inner : {}, identity: identity && written };
}

function writtenDestination(
  subscription: RunningSubscription,
  { endpointType = "", properties }: JsonObject,
  secrets: SecretWriter,
): TemplateObject {
  const type = asText(endpointType);
  const shown = isJsonObject(properties) ? properties : {};
  const secret = propertiesWhere(type, (property) => property.form === "text" && property.secret !== undefined);
  const apart = new Set([...secret, "endpointUrl", "deliveryAttributeMappings"]);
  const members = Object.entries(writableDestination(type, shown)).filter(([name]) => !apart.has(name));
  const mappings = writtenMappings(subscription, shown, secrets);
  return {
    endpointType: type,
    properties: {
      ...(subscription.endpointUrl === undefined ? {} : { endpointUrl: secrets.url(subscription.endpointUrl) }),
      ...(Object.fromEntries(members) as TemplateObject),
      ...(mappings.length === 0 ? {} : { deliveryAttributeMappings: mappings }),
    },
  };
}

function writtenMappings(
  { attributes }: RunningSubscription,
  { deliveryAttributeMappings: shown }: JsonObject,
  secrets: SecretWriter,
): readonly TemplateObject[] {
  const mappings = Array.isArray(shown) ? (shown as JsonArray).filter(isJsonObject) : [];
  return mappings.flatMap((mapping): readonly TemplateObject[] => {
    const { name = "", properties } = mapping;
    if (!isJsonObject(properties) || properties["isSecret"] !== true) return [mapping as TemplateObject];
    const known = attributes?.find((each) => each["name"] === name)?.["properties"];
    const value = isJsonObject(known) ? known["value"] : undefined;
    const secret = secrets.attribute(asText(name), typeof value === "string" ? value : undefined);
    if (secret === undefined) return [];
    return [{ ...(mapping as TemplateObject), properties: { isSecret: true, value: secret } }];
  });
}

/** Returns descriptions of the Ringmain-only features that a subscription uses and Azure does not have. */
export function ownMembers({ properties }: RunningSubscription): string[] {
  const { destination } = targetOf(properties, "destination", "deliveryWithResourceIdentity");
  const members = isJsonObject(destination["properties"]) ? destination["properties"] : {};
  const own = propertiesWhere(endpointTypeOf({ properties }), ({ ringmainOnly }) => ringmainOnly === true);
  const dead = targetOf(properties, "deadLetterDestination", "deadLetterWithResourceIdentity").destination;
  const ownDeadLetters = ringmainDeadLetters(dead["endpointType"]);
  return [
    ...own.filter((name) => (members[name] ?? null) !== null).map((name) => `its '${name}'`),
    ...(ownDeadLetters === undefined ? [] : [`its dead letters in ${ownDeadLetters}`]),
  ];
}

/** Returns the description of a Ringmain-only kind of dead-letter destination; `undefined` for Azure's kinds. */
export function ringmainDeadLetters(endpointType: unknown): string | undefined {
  if (!isDeadLetterType(endpointType)) return undefined;
  const { origin, called } = DEAD_LETTER_KINDS[endpointType];
  return origin === "ringmain" ? called : undefined;
}
