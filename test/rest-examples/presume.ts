import { isList, isMap, mapAt, type Example, type Json, type JsonMap } from "./specification.ts";

/** A resource that must exist before an example is sent. */
export interface Presumed {
  readonly id: string;
  readonly body: JsonMap;
}

/** Returns the URL that replaces a webhook's URL, so that a replay sends no request to other machines. */
export type Receiver = (url: string) => string;

/** Time of a replay: the examples' expiration times are in the following year. */
export const REPLAYED_AT: number = Date.UTC(2021, 9, 1);
/** Resource group of resources whose group an example does not show. It exists from the start. */
const HOME =
  "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/ringmain/providers/Microsoft.EventGrid";
const VERIFIED = "/providers/Microsoft.EventGrid/verifiedPartners/";
const SUBSCRIPTIONS = "/providers/Microsoft.EventGrid/eventSubscriptions";
/** Registration of presumed partner namespaces. */
const PARTNER = "partner";

/** Read-only properties of every resource. */
const NOT_WRITTEN: ReadonlySet<string> = new Set(["id", "name", "type", "systemData"]);

/** Minimal bodies of each kind of resource. */
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
 * Returns the resources that an example presumes, parents first: the parents of its path, the resources that its
 * body refers to and, unless it creates it, the resource itself, built from the documented response. For a change,
 * the changed properties are left out.
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

/**
 * Returns the resources in a documented list. They are below the path of the list, unless that lists several parents.
 */
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

/** Returns the resources that must exist before a resource is written. */
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

/**
 * Returns the resources that create a partner topic: its channel, and the group's configuration that authorizes the
 * partner.
 */
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

/** Replaces the URLs of webhooks by the receiver's, at every depth, in every property. */
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

/** Returns the documented body of a success. */
function documentedAnswer({ responses }: Example): Json | undefined {
  return [...responses.values()].find((body) => body !== undefined);
}

/** Returns the resource of a call or of an action; `undefined` for lists and for read-only resources. */
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

/** Returns a body for a resource whose action has the documented response. */
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

/** Converts a resource as it is read, which hides a webhook's URL, to the form in which it is written. */
function asWritten(at: string, shown: JsonMap, receiver: Receiver): JsonMap {
  const read = Object.fromEntries(Object.entries(shown).filter(([name]) => !NOT_WRITTEN.has(name)));
  // In the examples, partners' events, which are CloudEvents, are delivered in the Event Grid schema, which is refused.
  const { eventDeliverySchema, ...others } = mapAt(read, "properties");
  const ofPartner = /\/partnerTopics\//i.test(at);
  const properties = ofPartner || eventDeliverySchema === undefined ? others : { ...others, eventDeliverySchema };
  const destination = mapAt(properties, "destination");
  // A partner topic is located where its channel is, which the examples do not show.
  if (kindOf(at)?.type === "partnertopics") return { ...read, location: undefined };
  const { endpointBaseUrl, ...settings } = mapAt(destination, "properties");
  if (typeof endpointBaseUrl !== "string") return { ...read, properties };
  const webhook = { ...destination, properties: { ...settings, endpointUrl: receiver(endpointBaseUrl) } };
  return { ...read, properties: { ...properties, destination: webhook } };
}

/** Returns the ids in a body's values. */
function referredIds(value: Json | undefined): string[] {
  if (typeof value === "string") return value.startsWith("/subscriptions/") ? [`${value}/`] : [];
  if (isList(value)) return value.flatMap(referredIds);
  return isMap(value) ? Object.values(value).flatMap(referredIds) : [];
}

/**
 * Returns the groups and Event Grid resources above an id, outermost first. If the id ends with a slash, includes
 * the id itself.
 */
function parentsOf(id: string, receiver: Receiver): Presumed[] {
  const segments = id.split("/");
  const parents: Presumed[] = [];
  for (let end = 5; end < segments.length; end += 1) {
    const above = segments.slice(0, end).join("/");
    // Segments after the group are pairs of a type and a name.
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

/** Returns the Event Grid type at the end of an id in lower case, and whether a name follows it. */
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

/** Removes duplicate ids. A resource from an example replaces a minimal one. */
function unique(presumed: readonly Presumed[]): Presumed[] {
  return [...new Map(presumed.map((each) => [each.id.toLowerCase(), each])).values()];
}
