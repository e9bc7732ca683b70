import { asText, type JsonObject } from "../../core/json.ts";
import { systemTopicKind } from "../../core/kinds/system-topic.ts";
import { topicKind } from "../../core/kinds/topic.ts";
import type { ManagementClient } from "../management-client.ts";
import { listSubscriptions } from "../transfer/read-running.ts";
import { DOMAIN, listDomainTopics, listOf, placeOfFlags } from "./find-resource.ts";

const TYPES: Readonly<Record<string, string>> = {
  topic: topicKind.type,
  domain: DOMAIN.type,
  "system-topic": systemTopicKind.type,
};

/** Returns the names of all resources of a kind that completion offers, in the configuration's Azure subscription. */
export async function namesOf(client: ManagementClient, word: string): Promise<readonly string[]> {
  const found = await allOf(client, word);
  return [...new Set(found.map(({ name }) => asText(name)))];
}

async function allOf(client: ManagementClient, word: string): Promise<JsonObject[]> {
  const type = TYPES[word];
  if (type !== undefined) return listOf(client, { word, type }, {});
  return word === "domain-topic" ? listDomainTopics(client, {}) : allSubscriptions(client, placeOfFlags({}));
}

/** Returns the event subscriptions of a resource group or Azure subscription, in all regions. */
export async function allSubscriptions(client: ManagementClient, scope: string): Promise<JsonObject[]> {
  const resources = await client.list(`${scope}/resources`);
  const locations = resources.map(({ location }) => asText(location));
  return listSubscriptions(client, scope, locations);
}
