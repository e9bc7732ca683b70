import { asText, type JsonObject } from "../../core/json.ts";
import type { ManagementClient } from "../management-client.ts";
import { listSubscriptions } from "../read-running.ts";
import { listOf, placeOf } from "./find-resource.ts";

const TYPES: Readonly<Record<string, string>> = {
  topic: "Microsoft.EventGrid/topics",
  domain: "Microsoft.EventGrid/domains",
  "system-topic": "Microsoft.EventGrid/systemTopics",
};

/** The names of all topics, domains, system topics or subscriptions of the configuration's Azure subscription. */
export async function namesOf(client: ManagementClient, word: string): Promise<readonly string[]> {
  const type = TYPES[word];
  const found =
    type === undefined ? await allSubscriptions(client, placeOf({})) : await listOf(client, { word, type }, {});
  return [...new Set(found.map(({ name }) => asText(name)))];
}

/** The event subscriptions of a place, whatever region they are in. */
export async function allSubscriptions(client: ManagementClient, place: string): Promise<JsonObject[]> {
  const resources = await client.list(`${place}/resources`);
  const locations = resources.map(({ location }) => asText(location));
  return listSubscriptions(client, place, locations);
}
