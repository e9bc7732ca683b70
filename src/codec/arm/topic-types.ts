/** A kind of source of events, as far as Resource Manager tells of it. */
export interface CataloguedTopicType {
  /** For example `Microsoft.Storage.StorageAccounts`. */
  readonly name: string;
  readonly displayName: string;
  readonly description: string;
  readonly resourceRegionType: "RegionalResource" | "GlobalResource";
  readonly sourceResourceFormat: string | undefined;
  readonly supportedScopesForSource: readonly string[];
  readonly eventTypes: readonly CataloguedEventType[];
}

/** An event type of a topic type. */
export interface CataloguedEventType {
  /** For example `Microsoft.Storage.BlobCreated`. */
  readonly name: string;
  readonly description: string;
  /** A subscription that names no event types receives it. */
  readonly isInDefaultSet: boolean;
}

/** All topic types, by name. */
export const TOPIC_TYPES: readonly CataloguedTopicType[] = [];

/** The event types that a subscription to this source receives that names none; `undefined`: all. */
export function defaultEventTypes(_sourceId: string): readonly string[] | undefined {
  return undefined;
}
