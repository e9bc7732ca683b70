import { readFileSync } from "node:fs";
import { EventGridDeserializer, isSystemEvent, type KnownSystemEventTypes } from "@azure/eventgrid";
import { describe, expect, it } from "vitest";
import { describeTopicType } from "./describe-topic-type.ts";
import { loadDetails } from "./load-details.ts";
import { sampleEvent } from "./sample-event.ts";
import {
  isSourceOf,
  localSourceId,
  TOPIC_TYPES,
  topicTypeByName,
  topicTypesOfEvent,
  topicTypesOfSource,
  type TopicType,
} from "./topic-types.ts";

const SDK = new URL("../../../node_modules/@azure/eventgrid/dist/esm/", import.meta.url);
const NOW = Date.parse("2026-01-31T12:00:00Z");

/** Names that the SDK misspells, and names of events that Event Grid itself sends to subscribers. */
const NOT_IN_CATALOGUE = [
  "Microsoft.Communication.RouterJobWorkerSelectorsExpire",
  "Microsoft.EventGrid.SubscriptionDeletedEvent",
  "Microsoft.EventGrid.SubscriptionValidationEvent",
  "Microsoft.HealthcareApis.FhirDeletedCreated",
  "Microsoft.HealthcareApis.FhirUpdatedCreated",
];
/** Members of the service's events that are missing in the SDK's models. */
const UNKNOWN_TO_SDK = new Set(["data.twin.deviceEtag"]);

const SYSTEM_TOPIC_TYPES = TOPIC_TYPES.filter(({ sourceResourceFormat }) => sourceResourceFormat !== undefined);
const ALL = SYSTEM_TOPIC_TYPES.flatMap((topicType) => topicType.eventTypes.map((name) => ({ topicType, name })));

function sampleOf(topicType: TopicType, name: string): ReturnType<typeof sampleEvent> {
  return sampleEvent(topicType, name, { source: localSourceId(topicType, "sample") ?? "", time: NOW });
}

/** Returns the SDK's map of event type names to model names. */
function sdkModels(): Map<string, string> {
  const declarations = readFileSync(new URL("predicates.d.ts", SDK), "utf8");
  return new Map(
    [...declarations.matchAll(/^ {4}"(Microsoft\.[^"]+)": (\w+);/gm)].map(([, name = "", model = ""]) => [
      name.trim(),
      model,
    ]),
  );
}

describe("the catalogue", () => {
  it("has every system event that the SDK knows", () => {
    const known = new Set(ALL.map(({ name }) => name));
    const missing = [...sdkModels().keys()].filter((name) => !known.has(name));
    expect(missing.toSorted()).toEqual(NOT_IN_CATALOGUE);
    expect(sdkModels().size).toBeGreaterThan(200);
  });

  it.each(TOPIC_TYPES)("has details of each event type of $name and of no other", async (topicType) => {
    const { eventTypes, displayName } = await loadDetails(topicType);
    const named = Object.keys(eventTypes).map((short) => `${topicType.prefix}.${short}`);
    expect(named.toSorted()).toEqual(topicType.eventTypes.toSorted());
    expect(displayName).not.toBe("");
    for (const { description } of Object.values(eventTypes)) expect(description).toMatch(/^[A-Z].*\.$/);
  });

  it.each(SYSTEM_TOPIC_TYPES)("has samples of $name that the SDK reads", async (topicType) => {
    const source = localSourceId(topicType, "sample") ?? "";
    for (const name of topicType.eventTypes) {
      const sample = await sampleOf(topicType, name);
      const wire = {
        ...sample,
        id: "1",
        topic: source,
        eventTime: "2026-01-31T12:00:00.0000000Z",
        metadataVersion: "1",
      };
      const [event] = await new EventGridDeserializer().deserializeEventGridEvents(JSON.stringify([wire]));
      expect(event?.data).toEqual(sample.data);
      expect(event !== undefined && isSystemEvent(name as KnownSystemEventTypes, event)).toBe(true);
      // No placeholder is left.
      expect(JSON.stringify(sample)).not.toMatch(/<\w+>/);
      expect(sample.subject).not.toBe("");
    }
  });

  it("names the members of data as the SDK's models do", async () => {
    const mappers = (await import(new URL("generated/models/mappers.js", SDK).href)) as Record<string, Mapper>;
    const models = sdkModels();
    const unknown: string[] = [];
    for (const { topicType, name } of ALL) {
      const mapper = mappers[models.get(name) ?? ""];
      if (mapper === undefined) continue;
      const { data } = await sampleOf(topicType, name);
      unknown.push(...unknownMembers(mapper.type, data, "data", mappers).map((path) => `${name}: ${path}`));
    }
    expect(unknown.filter((text) => !UNKNOWN_TO_SDK.has(text.split(": ")[1] ?? ""))).toEqual([]);
  });

  it("creates samples for a given source", async () => {
    const vault = topicTypeByName("microsoft.keyvault.VAULTS");
    expect(vault?.name).toBe("Microsoft.KeyVault.vaults");
    if (vault === undefined) return;
    const source = "/subscriptions/s/resourceGroups/g/providers/Microsoft.KeyVault/vaults/mine";
    const changes = { set: { ObjectName: "x", "more.deep": 1 } };
    const sample = await sampleEvent(vault, "Microsoft.KeyVault.SecretExpired", { source, time: NOW, changes });
    expect(sample).toMatchObject({
      subject: "database-password",
      data: { VaultName: "mine", ObjectName: "x", more: { deep: 1 }, ObjectType: "Secret" },
    });
    const other = { subject: "s", data: { own: true } };
    expect(
      await sampleEvent(vault, "Microsoft.KeyVault.SecretExpired", { source, time: NOW, changes: other }),
    ).toMatchObject({ subject: "s", data: { own: true } });
  });

  it("finds the topic types of a source and of an event type", () => {
    const names = (topicTypes: readonly TopicType[]): string[] => topicTypes.map(({ name }) => name);
    expect(names(topicTypesOfSource("/SUBSCRIPTIONS/s/resourcegroups/g"))).toEqual([
      "Microsoft.Resources.ResourceGroups",
    ]);
    expect(names(topicTypesOfSource("/subscriptions/s"))).toHaveLength(6);
    expect(
      names(topicTypesOfSource("/subscriptions/s/resourceGroups/g/providers/Microsoft.EventGrid/topics/t")),
    ).toEqual([]);
    expect(names(topicTypesOfEvent("microsoft.storage.blobcreated"))).toEqual(["Microsoft.Storage.StorageAccounts"]);
    expect(names(topicTypesOfEvent("Microsoft.Resources.ResourceWriteSuccess"))).toHaveLength(2);
    for (const topicType of SYSTEM_TOPIC_TYPES) {
      expect(isSourceOf(topicType, localSourceId(topicType, "sample") ?? "")).toBe(true);
    }
  });

  it("describes a topic type as Azure does [EG-DEFAULT-EVENT-TYPES]", async () => {
    const storage = topicTypeByName("Microsoft.Storage.StorageAccounts");
    if (storage === undefined) throw new Error("no storage accounts");
    const { eventTypes, ...description } = await describeTopicType(storage);
    expect(description).toMatchObject({
      provider: "Microsoft.Storage",
      resourceRegionType: "RegionalResource",
      sourceResourceFormat:
        "/subscriptions/<subscriptionId>/resourceGroups/<resourceGroupName>/providers/Microsoft.Storage/storageAccounts/<storageAccountName>",
      supportedScopesForSource: ["Resource"],
    });
    expect(eventTypes.filter(({ isInDefaultSet }) => isInDefaultSet).map(({ displayName }) => displayName)).toEqual([
      "Blob Created",
      "Blob Deleted",
    ]);
  });
});

interface MapperType {
  readonly name: string;
  readonly className?: string;
  readonly modelProperties?: Readonly<Record<string, { readonly serializedName: string; readonly type: MapperType }>>;
  readonly element?: { readonly type: MapperType };
}
interface Mapper {
  readonly type: MapperType;
}

function unknownMembers(
  type: MapperType,
  value: unknown,
  path: string,
  mappers: Readonly<Record<string, Mapper>>,
): readonly string[] {
  if (type.name === "Sequence" && Array.isArray(value)) {
    return value.flatMap((inner) => unknownMembers(type.element?.type ?? { name: "any" }, inner, path, mappers));
  }
  if (type.name !== "Composite" || typeof value !== "object" || value === null) return [];
  const model = mappers[type.className ?? ""]?.type ?? type;
  const members = Object.values(model.modelProperties ?? {});
  return Object.entries(value).flatMap(([member, inner]) => {
    const found = members.find(({ serializedName }) => serializedName.replaceAll("\\", "") === member);
    return found === undefined
      ? [`${path}.${member}`]
      : unknownMembers(found.type, inner, `${path}.${member}`, mappers);
  });
}
