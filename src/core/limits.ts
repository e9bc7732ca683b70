/**
 * All numeric limits of the protocol, with their units in the names and their rules in the comments. Limits of
 * Ringmain's own, such as timeouts and concurrency, are configuration, not constants.
 */
export const LIMITS = {
  /** [EG-LIMIT-REQUEST] Body of a publish request; the number in Azure's error text. */
  publishRequestBytes: 1_536_000,
  /** [EG-LIMIT-EVENT] One event, as measured against the service. */
  eventBytes: 1_049_600,
  /** [EG-LIMIT-BATCH] */
  eventsPerRequest: 5_000,
  /** [EG-LIMIT-RATE] For one topic, domain or partner namespace. */
  eventsPerSecond: 5_000,
  bytesPerSecond: 5_242_880,
  /** [EG-FILTER-LIMIT] Advanced filters of one subscription. */
  advancedFilters: 25,
  /** [EG-FILTER-LIMIT] Values in all advanced filters of one subscription together. */
  advancedFilterValues: 25,
  /** [EG-FILTER-LIMIT] Characters of one string value. */
  filterValueChars: 512,
  /** [EG-RETRY-POLICY] */
  minDeliveryAttempts: 1,
  maxDeliveryAttempts: 30,
  minTimeToLiveMinutes: 1,
  maxTimeToLiveMinutes: 1_440,
  /** [EG-BATCH-OUT] */
  maxEventsPerBatch: 5_000,
  maxPreferredBatchKilobytes: 1_024,
  /** [EG-TOPIC-NAME] */
  topicNameMinChars: 3,
  topicNameMaxChars: 50,
  /** [EG-SUBSCRIPTION-NAME] */
  subscriptionNameMinChars: 3,
  subscriptionNameMaxChars: 64,
  /** [EG-ATTRIBUTES] */
  deliveryAttributes: 10,
  deliveryAttributeBytes: 4_096,
  /** Ringmain's own limit: HTTP servers accept 8 to 16 KiB of headers in total. */
  deliveryAttributeNameChars: 256,
  /** [EG-SUBSCRIPTIONS-PER-TOPIC] */
  subscriptionsPerTopic: 500,
  subscriptionsPerDomain: 50,
  /** [EG-QUOTA-REGION] Topics, and also domains, of one Azure subscription in one region. */
  topicsPerRegion: 100,
  /** [EG-INBOUND-RULES-LIMIT] For one topic, domain or partner namespace. */
  inboundIpRules: 128,
  /** [EG-DOMAIN-TOPIC-NAME] */
  domainTopicNameMaxChars: 128,
  topicsPerDomain: 100_000,
  /** [EG-PARTNER-NAME] */
  partnerNameMinChars: 3,
  partnerNameMaxChars: 64,
  partnerNamespaceNameMaxChars: 50,
  /** [EG-PARTNER-AUTHORIZATION] */
  partnerExpirationMaxDays: 365,
  authorizedPartners: 1_000,
  /** [EG-QUOTA-STORE] Resources of all kinds in one store: all of them are in memory. */
  resources: 1_000_000,
} as const;

/** Azure's limits on numbers and lengths that can be raised. */
export type QuotaLimits = Readonly<
  Record<
    | "advancedFilters"
    | "advancedFilterValues"
    | "filterValueChars"
    | "inboundIpRules"
    | "subscriptionsPerTopic"
    | "subscriptionsPerDomain"
    | "topicsPerRegion"
    | "topicsPerDomain",
    number
  >
>;

/** Limits with the setting `limits: relaxed`: enough for any use, but still finite. [EG-LIMITS-RELAXED] */
const RELAXED: QuotaLimits = {
  advancedFilters: 1_000,
  advancedFilterValues: 1_000,
  filterValueChars: 4_096,
  inboundIpRules: 1_000,
  subscriptionsPerTopic: 100_000,
  subscriptionsPerDomain: 100_000,
  topicsPerRegion: 100_000,
  topicsPerDomain: 1_000_000,
};

/** Returns the limits that apply: Azure's own, or the relaxed ones. */
export function quotaLimits(relaxed: boolean): QuotaLimits {
  return relaxed ? RELAXED : LIMITS;
}
