import type { ResourceIdForm } from "../resources/resource-id-form.ts";
import type { ResourceProblem } from "../rules/problem.ts";
import type { PropertyTable, ResourceProperties, TextProperty } from "./destination-property.ts";

/** Everything that holds for the destinations of one kind. Code that sends to them is in `src/destinations`. */
export interface DestinationKind<Properties> {
  /** A noun with its article: "a Service Bus queue". */
  readonly called: string;
  /** Azure's, or Ringmain's own. */
  readonly origin: "azure" | "ringmain";
  /** How Azure counts its failures: an Azure resource's 401 is retried, a webhook's is not. [EG-RETRY-STATUS] */
  readonly azureResource: boolean;
  /** It takes CloudEvents and nothing else. [EG-DESTINATION-CE] */
  readonly cloudEventsOnly: boolean;
  readonly properties: PropertyTable<Properties>;
  /** Facts about its `resourceId`; absent where it has none. */
  readonly resource?: ResourceFacts;
  /** How it is found in the configuration at each attempt; absent where it needs nothing of it. */
  readonly lookUp?: LookUp<Properties>;
  /** Events delivered together where no property says how many. One event at a time unless set. */
  readonly fixedBatching?: Batching;
  /** Returns the endpoint that must consent before anything is delivered; absent where none is asked. */
  readonly consentOf?: (properties: Properties) => string;
  /** Its delivery attributes may be an `Authorization`. [EG-ATTRIBUTES-AUTHORIZATION] */
  readonly takesAuthorization?: true;
  /** Returns what is wrong with its properties, beyond what the table and the form of its id say. */
  readonly rules?: (properties: Properties, context: DestinationRuleContext) => readonly ResourceProblem[];
  /** Its `--endpoint` on the command line; absent where it needs none. */
  readonly endpoint?: EndpointFlag<Properties>;
}

/** How deliveries are put together into one request. */
export interface Batching {
  readonly maxEvents: number;
  /** Not exceeded, except by a single event that is larger by itself. */
  readonly preferredBytes: number;
}

/** The form of a resource id. */
export interface ResourceFacts {
  readonly form: ResourceIdForm;
  /** The resource, where the id is not the destination's own: "a storage account". */
  readonly called?: string;
}

/** Lists of the configuration that destinations are looked up in. */
export type LookUpList = "connections" | "functionApps" | "partnerDestinations" | "storageAccounts";

/** How a destination is found in the configuration. [EG-DESTINATION-UNKNOWN] */
export interface LookUp<Properties> {
  /** The first is the one that messages advise. */
  readonly lists: readonly [LookUpList, ...LookUpList[]];
  /** The property that holds the name: the name itself, or a resource id that begins with it. */
  readonly property: keyof Properties & string;
}

/** The facts that a kind's rules need beyond its properties. */
export interface DestinationRuleContext {
  /** Path of the properties. */
  readonly field: string;
  /** ARM id of what the subscription listens to. */
  readonly topic: string;
  /** The configuration file says so, rather than a caller. */
  readonly declared: boolean;
  /** Whether tokens for an audience are good at this server itself. */
  readonly isOwnAudience: (audience: string) => boolean;
}

/** A destination's `--endpoint` on the command line. */
export interface EndpointFlag<Properties> {
  /** For help and messages: "a URL". */
  readonly words: string;
  /** The whole form, where `words` do not tell it. */
  readonly form?: string;
  /** Returns the properties that a text stands for; `undefined` where it has another form. */
  readonly read: (text: string) => Partial<Properties> | undefined;
  /** The properties that show the endpoint in a list, joined by slashes. Of a resource id its last name. */
  readonly shownBy: readonly (keyof Properties & string)[];
}

/** Facts that most of Azure's kinds share. */
export const AZURE_KIND: Pick<DestinationKind<never>, "origin" | "azureResource" | "cloudEventsOnly"> = {
  origin: "azure",
  azureResource: true,
  cloudEventsOnly: false,
};

/** Facts that Ringmain's own kinds share. */
export const RINGMAIN_KIND: typeof AZURE_KIND = { origin: "ringmain", azureResource: false, cloudEventsOnly: false };

/** `--endpoint` of a kind that is known by its resource id alone. */
export const RESOURCE_ENDPOINT: EndpointFlag<ResourceProperties> = {
  words: "an ARM id",
  read: (resourceId) => ({ resourceId }),
  shownBy: ["resourceId"],
};

/** Returns the property of a resource id of this form. */
export function resourceIdProperty(form: ResourceIdForm, note = ""): TextProperty & { readonly required: true } {
  return { form: "text", required: true, description: `'${form}'${note}` };
}
