import { describe, expect, it } from "vitest";
import { storageAccountId, topicId } from "../resources/resource-id.ts";
import { eventTypeRules, systemSourceRules } from "./system-rules.ts";
import type { ResourceProblem } from "./problem.ts";
import { DEFAULT_RETRY_POLICY, type FilterDescription } from "../resources/resources.ts";

const VAULT = "/subscriptions/0/resourceGroups/g/providers/Microsoft.KeyVault/vaults/v";

const fieldsOf = (problems: readonly ResourceProblem[]): readonly string[] => problems.map(({ field }) => field);
const messagesOf = (problems: readonly ResourceProblem[]): readonly string[] => problems.map(({ message }) => message);

describe("a system topic's type and source", () => {
  it.each<[string, string, readonly string[]]>([
    ["Microsoft.KeyVault.vaults", VAULT, []],
    ["microsoft.keyvault.VAULTS", VAULT.toUpperCase(), []],
    ["Microsoft.Resources.Subscriptions", "/subscriptions/0", []],
    ["Microsoft.PolicyInsights.PolicyStates", "/subscriptions/0", []],
    ["Microsoft.Resources.ResourceGroups", "/subscriptions/0/resourceGroups/g", []],
    ["Microsoft.Resources.ResourceGroups", "/subscriptions/0", ["properties.source"]],
    ["Microsoft.Storage.StorageAccounts", VAULT, ["properties.source"]],
    ["Microsoft.EventGrid.Topics", topicId("orders"), ["properties.topicType"]],
    ["Microsoft.KeyVaults", VAULT, ["properties.topicType"]],
    ["", VAULT, ["properties.topicType"]],
    ["Microsoft.KeyVault.vaults", "vault", ["properties.source"]],
  ])("[EG-SYSTEM-TOPIC-TYPE] %j with source %j", (topicType, source, expected) => {
    expect(fieldsOf(systemSourceRules({ source, topicType }))).toEqual(expected);
  });

  it("[EG-SYSTEM-TOPIC-TYPE] get a suggestion if they are misspelled", () => {
    expect(messagesOf(systemSourceRules({ source: VAULT, topicType: "Microsoft.KeyVault.vault" }))).toEqual([
      "'Microsoft.KeyVault.vault' is not a topic type with system topics. Did you mean 'Microsoft.KeyVault.vaults'?",
    ]);
    const storage = { source: VAULT, topicType: "Microsoft.Storage.StorageAccounts" };
    expect(messagesOf(systemSourceRules(storage))[0]).toMatch(
      /its ids look like .*storageAccounts\/<storageAccountName>\.$/,
    );
    expect(fieldsOf(systemSourceRules({ source: VAULT, topicType: null as never }))).toEqual(["properties.topicType"]);
  });
});

describe("the event types of a subscription", () => {
  const rules = (source: string, includedEventTypes: readonly unknown[] | undefined): readonly ResourceProblem[] => {
    const filter = { includedEventTypes } as FilterDescription;
    const properties = {
      topic: source,
      filter,
      destination: { endpointType: "WebHook", properties: { endpointUrl: "https://localhost/" } },
      retryPolicy: DEFAULT_RETRY_POLICY,
      eventDeliverySchema: "EventGridSchema",
    } as const;
    return eventTypeRules(properties, "types");
  };

  it("[EG-SYSTEM-EVENT-TYPES] are those of its source, in any case", () => {
    expect(rules(VAULT, ["microsoft.keyvault.secretexpired", "All"])).toEqual([]);
    expect(rules(VAULT, undefined)).toEqual([]);
    expect(rules("/subscriptions/0", ["Microsoft.PolicyInsights.PolicyStateCreated"])).toEqual([]);
    expect(messagesOf(rules(VAULT, ["Microsoft.KeyVault.SecretExpires"]))).toEqual([
      "'Microsoft.KeyVault.SecretExpires' is not an event type of Microsoft.KeyVault.vaults. Did you mean 'Microsoft.KeyVault.SecretExpired'?",
    ]);
    expect(fieldsOf(rules(VAULT, ["Microsoft.KeyVault.KeyExpired", "Order.Placed"]))).toEqual(["types[1]"]);
    expect(fieldsOf(rules(storageAccountId("a"), ["Microsoft.KeyVault.KeyExpired"]))).toEqual(["types[0]"]);
  });

  it("[EG-SYSTEM-EVENT-TYPES] are not checked on a custom topic or if they are not strings", () => {
    expect(rules(topicId("orders"), ["Order.Placed"])).toEqual([]);
    expect(rules(VAULT, [1, null])).toEqual([]);
  });
});
