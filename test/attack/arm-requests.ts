import { DESTINATION_KINDS, ENDPOINT_TYPES } from "../../src/core/destinations/index.ts";
import { DEFAULT_SUBSCRIPTION_ID } from "../../src/core/resources/resource-id.ts";
import { PROVIDERLESS_CALLS } from "../../src/http/arm/index.ts";
import { EVENT_GRID_VERSIONS } from "../../src/resource-manager/api-versions.ts";
import { OPERATOR_TYPES } from "../../src/core/filter/operators.ts";
import { PROVIDERS } from "../../src/resource-manager/providers.ts";
import { RESOURCE_TYPES } from "../../src/resource-manager/resource-types.ts";
import { armSamples } from "../support/fixtures/arm-samples.ts";
import type { SeededRandom } from "../support/fixtures/seeded-random.ts";
import { hostileText } from "./hostile-values.ts";
import { encode } from "./requests.ts";

/** The attacked resource group. All calls that change anything are sent to it. */
export const ATTACKED = "attacked";
const SUBSCRIPTION = `/subscriptions/${DEFAULT_SUBSCRIPTION_ID}`;
const GROUP = `${SUBSCRIPTION}/resourceGroups/${ATTACKED}`;

/** A call of Resource Manager before parts of it are made hostile. */
export interface ArmRequestDraft {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  /** A body for the call; `undefined` if none is known. */
  readonly body: object | undefined;
}

const METHODS = ["GET", "GET", "PUT", "PUT", "PUT", "POST", "POST", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE"];
const SAMPLES = armSamples(ATTACKED);
const VERSION = { "api-version": "2022-06-15" };
/** All resource types of all providers, with their provider. */
const TYPES: readonly string[] = PROVIDERS.flatMap(({ namespace, resourceTypes }) =>
  resourceTypes.map((type) => `${namespace}/${type}`),
);
/** Words after a resource's name: calls by POST, and read-only resources. */
const CALLS: readonly string[] = [
  ...new Set(Object.values(RESOURCE_TYPES).flatMap(({ actions }) => actions)),
  "validate",
  "whatIf",
  "cancel",
  "operations",
  "operationStatuses",
  "exportTemplate",
  "listKeys",
  "regenerateKey",
  "checkNameAvailability",
  "register",
  "eventTypes",
  "privateLinkResources",
  "privateEndpointConnections",
  "resources",
  "providers",
  "moveResources",
];
const NAMES: readonly string[] = ["made", "shop", "contoso", "contoso-ns", "news", "billing", "europe", "default"];
const FILTERS: readonly string[] = [
  "name eq 'made'",
  "contains(name, 'a')",
  "name eq 'made' or (contains(name,'x')) and not name eq 'y'",
  "resourceType eq 'Microsoft.EventGrid/topics'",
  "atScope()",
  "principalId eq 'x'",
];

/** Returns the calls that recreate the attacked resources, in their order. */
export function armSetup(): ArmRequestDraft[] {
  const group = { path: GROUP, body: { location: "local" } };
  const created = [group, ...Object.values(SAMPLES)].map((sample) => ({ method: "PUT", ...sample, query: VERSION }));
  return [{ method: "DELETE", path: GROUP, query: VERSION, body: undefined }, ...created];
}

/** Returns a random call of any type, with any operation, at any scope. */
export function armRequest(random: SeededRandom): ArmRequestDraft {
  const kind = random.next();
  // Recreates the attacked resources, which other calls may have deleted.
  if (kind < 0.03) return { method: "PUT", path: GROUP, body: { location: "local" }, query: VERSION };
  if (kind < 0.1) return { method: "PUT", ...random.pick(Object.values(SAMPLES)), query: VERSION };
  if (kind < 0.45) return onSample(random);
  if (kind < 0.55) return onProviderless(random);
  return { method: random.pick(METHODS), path: onType(random), query: query(random), body: anyBody(random) };
}

/** Returns a call on a resource that exists or could exist. */
function onSample(random: SeededRandom): ArmRequestDraft {
  const [type, { path, body }] = random.pick(Object.entries(SAMPLES));
  const { actions } = RESOURCE_TYPES[type as keyof typeof RESOURCE_TYPES];
  const kind = random.next();
  const own = random.next() < 0.9;
  const richer = random.next() < 0.7 ? rich(random, type, body) : body;
  const common = { path, query: query(random), body: own ? richer : anyBody(random) };
  if (kind < 0.6) return { ...common, method: "PUT" };
  if (kind < 0.7) return { ...common, method: "PATCH" };
  if (kind < 0.78) return { ...common, method: "GET", body: undefined };
  if (kind < 0.82) return { ...common, method: "DELETE", body: undefined };
  if (kind < 0.88) return { ...common, method: "GET", path: path.slice(0, path.lastIndexOf("/")), body: undefined };
  const action = actions.length > 0 ? random.pick(actions) : random.pick(CALLS);
  return { ...common, method: "POST", path: `${path}/${action}`, body: { keyName: "key1" } };
}

/** Returns a call on subscriptions, groups, tenants and lists of them. Changes only the attacked group. */
function onProviderless(random: SeededRandom): ArmRequestDraft {
  const shape = random.pick([...PROVIDERLESS_CALLS.keys()]);
  const method = random.pick(METHODS);
  const names = [DEFAULT_SUBSCRIPTION_ID, ATTACKED, name(random)];
  const path = `/${shape.replaceAll("*", () => encode(random, names.shift() ?? ""))}`;
  return { method, path, query: query(random), body: { location: "local", tags: { a: "b" } } };
}

function onType(random: SeededRandom): string {
  const [namespace = "", ...types] = random.pick(TYPES).split("/");
  const last = random.next() < 0.7;
  const segments = types.flatMap((type, index) =>
    index < types.length - 1 || last ? [type, encode(random, name(random))] : [type],
  );
  const call = random.next() < 0.35 ? `/${random.pick(CALLS)}` : "";
  const further = random.next() < 0.15 ? `/${encode(random, name(random))}` : "";
  return `${scope(random)}/providers/${namespace}/${segments.join("/")}${call}${further}`;
}

function scope(random: SeededRandom): string {
  const kind = random.next();
  if (kind < 0.6) return GROUP;
  if (kind < 0.75) return SUBSCRIPTION;
  if (kind < 0.85) return random.pick(Object.values(SAMPLES)).path;
  if (kind < 0.9) return "";
  return `/subscriptions/${encode(random, hostileText(random))}/resourceGroups/${encode(random, name(random))}`;
}

function name(random: SeededRandom): string {
  return random.next() < 0.8 ? random.pick(NAMES) : hostileText(random);
}

function query(random: SeededRandom): Record<string, string> {
  const version = random.next() < 0.9 ? random.pick(EVENT_GRID_VERSIONS) : hostileText(random);
  const others = ["$filter", "$top", "$skipToken", "$expand", "force", "label", "api-version "];
  const more = random.next() < 0.25 ? [[random.pick(others), parameter(random)]] : [];
  return { "api-version": version, ...(Object.fromEntries(more) as Record<string, string>) };
}

function parameter(random: SeededRandom): string {
  const kind = random.next();
  if (kind < 0.4) return random.pick(FILTERS);
  if (kind < 0.5) return `${"(".repeat(random.pick([5, 500, 3_000]))}name eq 'x'`;
  if (kind < 0.6) return Array.from({ length: random.pick([3, 300]) }, () => "name eq 'x'").join(" or ");
  return random.next() < 0.5 ? String(random.below(2_000) - 5) : hostileText(random);
}

function anyBody(random: SeededRandom): object | undefined {
  if (random.next() < 0.2) return undefined;
  const [type, { body }] = random.pick(Object.entries(SAMPLES));
  return random.next() < 0.5 ? rich(random, type, body) : body;
}

/** Returns a body with more of its type's properties. */
function rich(random: SeededRandom, type: string, body: object): object {
  const { properties } = body as { properties?: object };
  const common = { tags: { team: "a", "hidden-x": "b" }, identity: { type: "SystemAssigned" }, location: "local" };
  switch (type) {
    case "Microsoft.EventGrid/eventSubscriptions":
      return { properties: subscription(random) };
    case "Microsoft.EventGrid/topics":
    case "Microsoft.EventGrid/domains":
      return { ...common, properties: publishing(random) };
    default:
      return { ...common, ...body, properties: { ...properties, description: "x", provisioningState: "Succeeded" } };
  }
}

function publishing(random: SeededRandom): object {
  const mapping = {
    inputSchemaMappingType: "Json",
    properties: { eventType: { sourceField: "kind", defaultValue: "x" }, subject: { sourceField: "about" } },
  };
  return {
    inputSchema: random.pick(["EventGridSchema", "CloudEventSchemaV1_0", "CustomEventSchema"]),
    ...(random.next() < 0.5 && { inputSchemaMapping: mapping }),
    publicNetworkAccess: random.pick(["Enabled", "Disabled"]),
    disableLocalAuth: random.next() < 0.3,
    inboundIpRules: [{ ipMask: random.pick(["10.0.0.0/8", "::/0", "127.0.0.1", "1.2.3.4/33"]), action: "Allow" }],
    minimumTlsVersionAllowed: "1.2",
    dataResidencyBoundary: "WithinGeopair",
    autoCreateTopicWithFirstSubscription: true,
  };
}

function subscription(random: SeededRandom): object {
  const advancedFilters = Array.from({ length: 1 + random.below(6) }, () => ({
    operatorType: random.pick(OPERATOR_TYPES),
    key: random.pick(["data.amount", "subject", "data.list", "data.a.b.c.d.e.f", "data.__proto__.x", "id"]),
    value: random.pick([1, "x", true, null]),
    values: random.pick<unknown>([[1], ["x", ""], [[1, 2]], [[2, 1]], [], null, ["x".repeat(600)]]),
  }));
  return {
    destination: destination(random),
    filter: {
      subjectBeginsWith: "/orders",
      subjectEndsWith: "",
      includedEventTypes: random.pick<unknown>([["Order.Placed"], ["All"], null]),
      isSubjectCaseSensitive: true,
      enableAdvancedFilteringOnArrays: random.next() < 0.5,
      advancedFilters,
    },
    labels: ["a"],
    eventDeliverySchema: random.pick(["EventGridSchema", "CloudEventSchemaV1_0", "CustomInputSchema"]),
    retryPolicy: { maxDeliveryAttempts: 2, eventTimeToLiveInMinutes: 1 },
    expirationTimeUtc: "2099-01-01T00:00:00Z",
    deadLetterDestination: {
      endpointType: "StorageBlob",
      properties: { resourceId: SAMPLES["Microsoft.Storage/storageAccounts"].path, blobContainerName: "dead" },
    },
  };
}

/** Returns a destination of any type. Its addresses are on this machine, at ports without a listener. */
function destination(random: SeededRandom): object {
  const endpointType = random.pick(ENDPOINT_TYPES);
  const resourceId = (DESTINATION_KINDS[endpointType].resource?.form ?? SAMPLES["Microsoft.EventGrid/topics"].path)
    .replace("…", GROUP)
    .replaceAll(/\{\w+\}/g, "made");
  return {
    endpointType,
    properties: {
      endpointUrl: random.pick(["http://127.0.0.1:9/hook", "https://localhost:9/hook?code=x", "http://[::1]:9/"]),
      resourceId,
      queueName: "waiting",
      queueMessageTimeToLiveInSeconds: 60,
      maxEventsPerBatch: 10,
      preferredBatchSizeInKilobytes: 64,
      deliveryAttributeMappings: [
        { name: "x-static", type: "Static", properties: { value: "v", isSecret: true } },
        { name: "x-dynamic", type: "Dynamic", properties: { sourceField: "data.amount" } },
      ],
      azureActiveDirectoryTenantId: "t",
      azureActiveDirectoryApplicationIdOrUri: "api://x",
      minimumTlsVersionAllowed: "1.2",
      severity: "Sev1",
      description: "x",
      actionGroups: [],
      accessToken: "a token of the stream's own",
      connection: "none",
      subject: "events",
    },
  };
}
