import { assertNever } from "../errors.ts";
import { LIMITS } from "../limits.ts";
import { invalid, isGiven, nameProblems, outside, quote, type ResourceProblem } from "./problem.ts";
import type {
  DesiredChannel,
  DesiredPartnerConfiguration,
  DesiredPartnerNamespace,
  DesiredPartnerRegistration,
  DesiredPartnerTopic,
} from "../resources/resources.ts";
import { DAY_MS, parseTime, type EpochMs } from "../time.ts";

/** A resource of the partner kinds. */
type DesiredPartnerResource =
  | DesiredPartnerRegistration
  | DesiredPartnerNamespace
  | DesiredChannel
  | DesiredPartnerTopic
  | DesiredPartnerConfiguration;

/** What the rules need to know of the moment. */
interface Moment {
  readonly now: EpochMs;
  readonly isNew: boolean;
}

/** Days until a partner topic that nobody activates goes. Source: [EG-PARTNER-EXPIRY] */
export const DEFAULT_PARTNER_EXPIRATION_DAYS = 7;

/** What is wrong with a resource of the partner kinds. */
export function partnerRules(desired: DesiredPartnerResource, moment: Moment): readonly ResourceProblem[] {
  switch (desired.type) {
    case "Microsoft.EventGrid/partnerRegistrations":
      return moment.isNew ? registrationName(desired.name) : [];
    case "Microsoft.EventGrid/partnerNamespaces":
      return namespaceRules(desired, moment);
    case "Microsoft.EventGrid/partnerNamespaces/channels":
      return channelRules(desired, moment);
    case "Microsoft.EventGrid/partnerTopics":
      return moment.isNew ? partnerName("Partner topic", desired.name) : [];
    case "Microsoft.EventGrid/partnerConfigurations":
      return configurationRules(desired);
    default:
      return assertNever(desired);
  }
}

const NO_REGISTRATION = invalid(
  "properties.partnerRegistrationFullyQualifiedId",
  "A partner namespace needs a registration: partnerRegistrationFullyQualifiedId is its resource id.",
);

/** A registration's name is the partner's, which may be of parts. [EG-PARTNER-NAME] */
function registrationName(name: string): readonly ResourceProblem[] {
  const allowed = { pattern: /^[A-Za-z\d.-]*$/, words: "letters, digits, hyphens and periods" };
  const { partnerNameMinChars: low, partnerNameMaxChars: high } = LIMITS;
  return nameProblems(name, { noun: "Partner registration", low, high, allowed });
}

/** [EG-PARTNER-NAME] */
function partnerName(
  noun: string,
  name: string,
  high: number = LIMITS.partnerNameMaxChars,
): readonly ResourceProblem[] {
  return nameProblems(name, { noun, low: LIMITS.partnerNameMinChars, high });
}

function namespaceRules({ name, properties }: DesiredPartnerNamespace, moment: Moment): readonly ResourceProblem[] {
  const mode = properties.partnerTopicRoutingMode;
  const { partnerRegistrationFullyQualifiedId: registration } = properties;
  const known = mode === "SourceEventAttribute" || mode === "ChannelNameHeader";
  return [
    ...(moment.isNew ? partnerName("Partner namespace", name, LIMITS.partnerNamespaceNameMaxChars) : []),
    ...(known
      ? []
      : [invalid("properties.partnerTopicRoutingMode", `${quote(mode)} is not a partner topic routing mode.`)]),
    ...(typeof registration === "string" && registration !== "" ? [] : [NO_REGISTRATION]),
  ];
}

function channelRules({ name, properties }: DesiredChannel, moment: Moment): readonly ResourceProblem[] {
  const field = "properties.partnerTopicInfo";
  const info = properties.partnerTopicInfo;
  if (properties.channelType !== "PartnerTopic" || !isGiven(info)) {
    return [invalid("properties.channelType", "Channels are of type 'PartnerTopic', with partnerTopicInfo.")];
  }
  const missing = (["azureSubscriptionId", "resourceGroupName", "name", "source"] as const).filter(
    (member) => typeof info[member] !== "string" || info[member] === "",
  );
  return [
    ...(moment.isNew ? partnerName("Channel", name) : []),
    ...missing.map((member) => invalid(`${field}.${member}`, `A channel needs partnerTopicInfo.${member}.`)),
    ...expiryRules(properties.expirationTimeIfNotActivatedUtc, moment.now),
  ];
}

/** [EG-PARTNER-EXPIRY] */
function expiryRules(expiration: string | undefined, now: EpochMs): readonly ResourceProblem[] {
  if (!isGiven(expiration)) return [];
  const at = typeof expiration === "string" ? parseTime(expiration) : undefined;
  if (at !== undefined && at > now && at <= now + LIMITS.partnerExpirationMaxDays * DAY_MS) return [];
  const message = `Invalid expiration time. ${quote(expiration)} must be a date and time within the next ${LIMITS.partnerExpirationMaxDays} days.`;
  return [invalid("properties.expirationTimeIfNotActivatedUtc", message)];
}

/** [EG-PARTNER-AUTHORIZATION] */
function configurationRules({ name, properties }: DesiredPartnerConfiguration): readonly ResourceProblem[] {
  const field = "properties.partnerAuthorization";
  if (!isGiven(properties.partnerAuthorization)) return [invalid(field, "A partner configuration needs it.")];
  const { defaultMaximumExpirationTimeInDays: days, authorizedPartnersList: partners } =
    properties.partnerAuthorization;
  return [
    ...(name === "default" ? [] : [invalid("name", `A partner configuration is named 'default', not ${quote(name)}.`)]),
    ...(isGiven(days)
      ? outside(`${field}.defaultMaximumExpirationTimeInDays`, days, 1, LIMITS.partnerExpirationMaxDays)
      : []),
    ...numberOfPartners(partners?.length ?? 0, `${field}.authorizedPartnersList`),
    ...(partners ?? []).flatMap((partner, index) => {
      if (isGiven(partner.partnerRegistrationImmutableId) || isGiven(partner.partnerName)) return [];
      const message = "An authorised partner needs a partnerRegistrationImmutableId or a partnerName.";
      return [invalid(`${field}.authorizedPartnersList[${index}]`, message)];
    }),
  ];
}

function numberOfPartners(partners: number, field: string): readonly ResourceProblem[] {
  const limit = LIMITS.authorizedPartners;
  if (partners <= limit) return [];
  return [invalid(field, `A partner configuration has at most ${limit} authorised partners; there are ${partners}.`)];
}
