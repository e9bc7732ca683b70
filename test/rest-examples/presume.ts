import { isList, isMap, mapAt, type Example, type Json, type JsonMap } from "./specification.ts";

/** A resource that has to be there before an example is sent. */
export interface Presumed {
  readonly id: string;
  readonly body: JsonMap;
}

/** Where the example's webhooks go instead: nothing that a replay does leaves the machine. */
export type Receiver = (url: string) => string;

/** When a replay takes place: the examples' expiration times are of the year that follows. */
export const REPLAYED_AT: number = Date.UTC(2021, 9, 1);
/** Where resources are made whose place an example does not tell: the group that is there from the start. */
const HOME =
  "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/ringmain/providers/Microsoft.EventGrid";
const VERIFIED = "/providers/Microsoft.EventGrid/verifiedPartners/";
const SUBSCRIPTIONS = "/providers/Microsoft.EventGrid/eventSubscriptions";
/** The registration that presumed partner namespaces are of. */
const PARTNER = "partner";

/** What is read of every resource and written of none. */
const NOT_WRITTEN: ReadonlySet<string> = new Set(["id", "name", "type", "systemData"]);

/** The least that makes a resource of each kind. */
const LEAST: Readonly<Record<string, (id: string, receiver: Receiver) => JsonMap>> = {
  topics: () => ({ location: "westus2" }),
  domains: () => ({ location: "westus2" }),
  "domains/topics": () => ({}),
  systemtopics: (id) => ({
    location: "westus2",
    properties: {
      source: `${groupOf(id)}/providers/Microsoft.Storage/storageAccounts/source`,
      topicType: "Microsoft.Storage.StorageAccounts",
    },
  }),
  partnerregistrations: () => ({ location: "global", properties: {} }),
  partnernamespaces: (id) => ({
    location: "westus2",
    properties: {
      partnerRegistrationFullyQualifiedId: `${groupOf(id)}/providers/Microsoft.EventGrid/partnerRegistrations/${PARTNER}`,
    },
  }),
  "partnernamespaces/channels": (id) =>
    channelFor(`${groupOf(id)}/providers/Microsoft.EventGrid/partnerTopics/presumed`),
  partnertopics: () => ({ properties: {} }),
  partnerconfigurations: () => ({ location: "global", properties: {} }),
  eventsubscriptions: (_, receiver) => ({
    properties: {
      destination: { endpointType: "WebHook", properties: { endpointUrl: receiver("https://presumed/") } },
    },
  }),
};

/**
 * What an example presumes, parents first: what its path lies below, what its body refers to and, unless it creates it,
 * the resource itself, made of what the documented answer shows. A change finds its own properties not yet there.
 */
export function presumedBy(example: Example, receiver: Receiver): Presumed[] {
  const documented = documentedAnswer(example);
  const resources = listed(example, documented, receiver);
  const at = resourceIdOf(example);
  if (at !== undefined && example.method !== "PUT") {
    resources.push({ id: at, body: bodyFor(example, at, documented, receiver) });
  }
  const sent: Presumed = { id: at ?? example.path, body: isMap(example.body) ? example.body : {} };
  const before = [...resources, sent].flatMap((each) => beforeResource(each, receiver));
  return unique([...before, ...resources]);
}

/** What a documented list shows: below the path that lists it, unless that is a list over many parents. */
function listed({ path }: Example, documented: Json | undefined, receiver: Receiver): Presumed[] {
  const shown = isMap(documented) && isList(documented["value"]) ? documented["value"].filter(isMap) : [];
  const kind = kindOf(path);
  const collection = kind !== undefined && !kind.named && kind.type in LEAST && /\/resourceGroups\//i.test(path);
  const ofMany =
    /\/(?:locations|topicTypes)\//i.test(path) ||
    path.toLowerCase() === `${groupOf(path)}${SUBSCRIPTIONS}`.toLowerCase();
  return shown.flatMap((each) => {
    const { id, name } = each;
    if (typeof id !== "string" || typeof name !== "string") return [];
    if (id.startsWith(VERIFIED)) return [{ id: `${HOME}/partnerRegistrations/${name}`, body: { location: "global" } }];
    if (!id.startsWith("/subscriptions/")) return [];
    const at = collection && !ofMany ? `${path}/${name}` : id;
    const written = asWritten(at, each, receiver);
    return [{ id: at, body: { ...LEAST[kindOf(at)?.type ?? ""]?.(at, receiver), ...written } }];
  });
}

/** What has to be there before a resource is written. */
function beforeResource({ id, body }: Presumed, receiver: Receiver): Presumed[] {
  const parents = [id, ...referredIds(body)].flatMap((each) => parentsOf(each, receiver));
  const type = kindOf(id)?.type;
  const info = mapAt(mapAt(body, "properties"), "partnerTopicInfo");
  const { azureSubscriptionId, resourceGroupName } = info;
  if (typeof azureSubscriptionId === "string" && typeof resourceGroupName === "string") {
    parents.push(...authorized(`/subscriptions/${azureSubscriptionId}/resourceGroups/${resourceGroupName}`));
  }
  return type === "partnertopics" && kindOf(id)?.named === true
    ? [...parents, ...byChannel(id, mapAt(body, "properties"), receiver)]
    : parents;
}

/** A partner topic is made by its channel, where the group's configuration lets its partner. */
function byChannel(id: string, properties: JsonMap, receiver: Receiver): Presumed[] {
  const channel = `${groupOf(id)}/providers/Microsoft.EventGrid/partnerNamespaces/presumed/channels/presumed`;
  return [
    ...authorized(groupOf(id)),
    ...parentsOf(channel, receiver),
    { id: channel, body: channelFor(id, properties["source"]) },
  ];
}

function channelFor(topicId: string, source: Json = "presumed"): JsonMap {
  const [, , azureSubscriptionId = "", , resourceGroupName = ""] = topicId.split("/");
  const name = topicId.split("/").at(-1) ?? "";
  const partnerTopicInfo = { azureSubscriptionId, resourceGroupName, name, source };
  return { properties: { channelType: "PartnerTopic", partnerTopicInfo } };
}

function authorized(group: string): Presumed[] {
  const authorizationExpirationTimeInUtc = new Date(REPLAYED_AT + 300 * 86_400_000).toISOString();
  const authorizedPartnersList = [{ partnerName: PARTNER, authorizationExpirationTimeInUtc }];
  const properties = { partnerAuthorization: { authorizedPartnersList } };
  const id = `${group}/providers/Microsoft.EventGrid/partnerConfigurations/default`;
  return [
    { id: group, body: { location: "westus2" } },
    { id, body: { location: "global", properties } },
  ];
}

/** Sends webhooks to the receiver: at every depth, whatever the property's name. */
export function redirected(value: Json | undefined, receiver: Receiver): Json | undefined {
  if (isList(value)) return value.map((each) => redirected(each, receiver) ?? null);
  if (!isMap(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [
      name,
      name === "endpointUrl" && typeof each === "string" ? receiver(each) : redirected(each, receiver),
    ]),
  );
}

/** The documented body of a success. */
function documentedAnswer({ answers }: Example): Json | undefined {
  return [...answers.values()].find((body) => body !== undefined);
}

/** The resource that a call is on or whose action it is; `undefined` for lists and for what is only read. */
function resourceIdOf({ method, path }: Example): string | undefined {
  const id = method === "POST" ? path.replace(/\/[^/]*$/, "") : path;
  const kind = kindOf(id);
  if (id.startsWith(VERIFIED)) return `${HOME}/partnerRegistrations/${id.slice(VERIFIED.length)}`;
  return kind !== undefined && kind.named && kind.type in LEAST ? id : undefined;
}

function bodyFor(example: Example, id: string, documented: Json | undefined, receiver: Receiver): JsonMap {
  const least = LEAST[kindOf(id)?.type ?? ""]?.(id, receiver) ?? {};
  if (id.startsWith(HOME)) return { location: "global" };
  if (example.method === "POST" && !(isMap(documented) && "id" in documented))
    return forAction(least, documented, receiver);
  if (!isMap(documented)) return least;
  const written = asWritten(id, documented, receiver);
  const properties = mapAt(written, "properties");
  if (example.method !== "PATCH") {
    return { ...least, ...written, properties: { ...mapAt(least, "properties"), ...properties } };
  }
  const change = isMap(example.body) ? example.body : {};
  const changed = new Set([...Object.keys(change), ...Object.keys(mapAt(change, "properties"))]);
  const without = (map: JsonMap): JsonMap =>
    Object.fromEntries(Object.entries(map).filter(([name]) => !changed.has(name) || name === "properties"));
  return {
    ...least,
    ...without(written),
    properties: { ...mapAt(least, "properties"), ...without(properties) },
  };
}

/** An action's answer shows what its resource must have had. */
function forAction(least: JsonMap, documented: Json | undefined, receiver: Receiver): JsonMap {
  if (!isMap(documented)) return least;
  const url = documented["endpointUrl"];
  const mappings = documented["value"];
  if (!isList(mappings) && typeof url !== "string") return least;
  const properties = {
    endpointUrl: receiver(typeof url === "string" ? url : "https://presumed/"),
    ...(isList(mappings) ? { deliveryAttributeMappings: mappings } : {}),
  };
  return {
    ...least,
    properties: { ...mapAt(least, "properties"), destination: { endpointType: "WebHook", properties } },
  };
}

/** A resource as it is written, of what is read: a webhook's address is hidden there. */
function asWritten(at: string, shown: JsonMap, receiver: Receiver): JsonMap {
  const read = Object.fromEntries(Object.entries(shown).filter(([name]) => !NOT_WRITTEN.has(name)));
  // The examples show partners' events, which are CloudEvents, delivered as Event Grid events, which are refused.
  const { eventDeliverySchema, ...others } = mapAt(read, "properties");
  const ofPartner = /\/partnerTopics\//i.test(at);
  const properties = ofPartner || eventDeliverySchema === undefined ? others : { ...others, eventDeliverySchema };
  const destination = mapAt(properties, "destination");
  // A partner topic is where its channel is: the examples do not tell where.
  if (kindOf(at)?.type === "partnertopics") return { ...read, location: undefined };
  const { endpointBaseUrl, ...settings } = mapAt(destination, "properties");
  if (typeof endpointBaseUrl !== "string") return { ...read, properties };
  const webhook = { ...destination, properties: { ...settings, endpointUrl: receiver(endpointBaseUrl) } };
  return { ...read, properties: { ...properties, destination: webhook } };
}

/** Ids that a body holds as values. */
function referredIds(value: Json | undefined): string[] {
  if (typeof value === "string") return value.startsWith("/subscriptions/") ? [`${value}/`] : [];
  if (isList(value)) return value.flatMap(referredIds);
  return isMap(value) ? Object.values(value).flatMap(referredIds) : [];
}

/** Groups and resources of Event Grid above an id, outermost first; of an id that ends with a slash, itself too. */
function parentsOf(id: string, receiver: Receiver): Presumed[] {
  const segments = id.split("/");
  const parents: Presumed[] = [];
  for (let end = 5; end < segments.length; end += 1) {
    const above = segments.slice(0, end).join("/");
    // A group, then every pair of a type and a name.
    if (end === 5 && /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+$/i.test(above)) {
      parents.push({ id: above, body: { location: "westus2" } });
    }
    const kind = kindOf(above);
    if (kind === undefined || !kind.named || kind.type === "eventsubscriptions") continue;
    const body = LEAST[kind.type]?.(above, receiver);
    if (body === undefined) continue;
    parents.push(...referredIds(body).flatMap((each) => parentsOf(each, receiver)));
    parents.push(...(kind.type === "partnertopics" ? byChannel(above, {}, receiver) : [{ id: above, body }]));
  }
  return parents;
}

/** Event Grid's kind that an id ends with, in small letters; whether with a name. */
function kindOf(id: string): { readonly type: string; readonly named: boolean } | undefined {
  const parts = id.split(/\/providers\/microsoft\.eventgrid\//i);
  const last = parts.length < 2 ? undefined : parts.at(-1);
  if (last === undefined || last === "" || last.includes("/providers/")) return undefined;
  const segments = last.toLowerCase().split("/");
  const types = segments.filter((_, index) => index % 2 === 0);
  const own = types.at(-1) === "eventsubscriptions" ? "eventsubscriptions" : types.join("/");
  return { type: own, named: segments.length % 2 === 0 };
}

function groupOf(id: string): string {
  return id.split("/").slice(0, 5).join("/");
}

/** The first of each id, except that what an example shows replaces what is the least. */
function unique(presumed: readonly Presumed[]): Presumed[] {
  return [...new Map(presumed.map((each) => [each.id.toLowerCase(), each])).values()];
}
