import type { ResourceIdForm } from "../resources/resource-id-form.ts";
import type { ResourceProblem } from "../rules/problem.ts";
import type { PropertyTable, ResourceProperties, TextProperty } from "./destination-property.ts";

/** Facts about one kind of destination. The code that sends to such destinations is in `src/destinations`. */
export interface DestinationKind<Properties> {
  /** Noun with its article: "a Service Bus queue". */
  readonly called: string;
  /** Whether the kind is Azure's or Ringmain's own. */
  readonly origin: "azure" | "ringmain";
  /**
   * Whether Azure treats its failures like those of an Azure resource: it retries after a 401 from an Azure resource,
   * but not after one from a webhook. [EG-RETRY-STATUS]
   */
  readonly azureResource: boolean;
  /** Whether it accepts only CloudEvents. [EG-DESTINATION-CE] */
  readonly cloudEventsOnly: boolean;
  readonly properties: PropertyTable<Properties>;
  /** Facts about its `resourceId`; unset if it has none. */
  readonly resource?: ResourceFacts;
  /** Look-up in the configuration at each attempt; unset if it needs no configuration. */
  readonly lookUp?: LookUp<Properties>;
  /** Limits on a batch, if the kind has no properties for them. Default: one event at a time. */
  readonly fixedBatching?: Batching;
  /** Returns the endpoint that must consent before anything is delivered; unset if no consent is needed. */
  readonly consentOf?: (properties: Properties) => string;
  /** Set if a delivery attribute may be named `Authorization`. [EG-ATTRIBUTES-AUTHORIZATION] */
  readonly takesAuthorization?: true;
  /** Returns the problems of its properties, other than those that follow from the table or from the form of its id. */
  readonly rules?: (properties: Properties, context: DestinationRuleContext) => readonly ResourceProblem[];
  /** The option `--endpoint` of the command line; unset if it needs none. */
  readonly endpoint?: EndpointFlag<Properties>;
}

/** Limits on a batch of deliveries that are sent together. */
export interface Batching {
  readonly maxEvents: number;
  /** Preferred maximum size. Only a single larger event exceeds it. */
  readonly preferredBytes: number;
}

/** Facts about a resource id. */
export interface ResourceFacts {
  readonly form: ResourceIdForm;
  /** The resource, if the id is not that of the destination itself: "a storage account". */
  readonly called?: string;
}

/** Lists of the configuration that are searched for destinations. */
export type LookUpList = "connections" | "functionApps" | "partnerDestinations" | "storageAccounts";

/** Look-up of a destination in the configuration. [EG-DESTINATION-UNKNOWN] */
export interface LookUp<Properties> {
  /** Lists to search. Messages suggest the first one. */
  readonly lists: readonly [LookUpList, ...LookUpList[]];
  /** Property that contains the name, or a resource id that begins with it. */
  readonly property: keyof Properties & string;
}

/** Facts that the rules of a kind use in addition to the properties. */
export interface DestinationRuleContext {
  /** Path of the properties. */
  readonly field: string;
  /** ARM id of the source of the subscription. */
  readonly topic: string;
  /** Whether the configuration file declares the subscription. */
  readonly declared: boolean;
  /** Returns whether this server itself accepts tokens for an audience. */
  readonly isOwnAudience: (audience: string) => boolean;
}

/** The option `--endpoint` of the command line for one kind. */
export interface EndpointFlag<Properties> {
  /** Words for help and messages: "a URL". */
  readonly words: string;
  /** The complete form, if `words` do not describe it. */
  readonly form?: string;
  /** Returns the properties for a text, or `undefined` if the text has another form. */
  readonly read: (text: string) => Partial<Properties> | undefined;
  /**
   * Properties that represent the endpoint in a list, joined by slashes. A resource id is represented by its last
   * name.
   */
  readonly shownBy: readonly (keyof Properties & string)[];
}

/** Facts that most of Azure's kinds have in common. */
export const AZURE_KIND: Pick<DestinationKind<never>, "origin" | "azureResource" | "cloudEventsOnly"> = {
  origin: "azure",
  azureResource: true,
  cloudEventsOnly: false,
};

/** Facts that Ringmain's own kinds have in common. */
export const RINGMAIN_KIND: typeof AZURE_KIND = { origin: "ringmain", azureResource: false, cloudEventsOnly: false };

/** The option `--endpoint` of a kind whose only property is a resource id. */
export const RESOURCE_ENDPOINT: EndpointFlag<ResourceProperties> = {
  words: "an ARM id",
  read: (resourceId) => ({ resourceId }),
  shownBy: ["resourceId"],
};

/** Returns the property for a resource id of this form. */
export function resourceIdProperty(form: ResourceIdForm, note = ""): TextProperty & { readonly required: true } {
  return { form: "text", required: true, description: `'${form}'${note}` };
}
