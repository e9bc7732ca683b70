import { expect, it } from "vitest";
import { webhookTo } from "../../../test/contract/destination-fixtures.ts";
import { resourceId, DEFAULT_SCOPE } from "../../core/resources/resource-id.ts";
import { SubscriptionSeries } from "./subscription-series.ts";
import { TopicSeries } from "./topic-series.ts";

const domain = resourceId(DEFAULT_SCOPE, "Microsoft.EventGrid/domains", "shop");
const account = resourceId(DEFAULT_SCOPE, "Microsoft.Storage/storageAccounts", "pictures");

it("labels series with Azure's dimensions [EG-METRIC-NAME]", () => {
  expect(new TopicSeries(`${domain}/topics/orders`).labels).toBe(`resource_id="${domain}",topic="orders"`);
  expect(new TopicSeries(account).labels).toBe(`resource_id="${account}",topic="pictures"`);
  const ofTopic = new SubscriptionSeries(webhookTo("http://here", { source: `${domain}/topics/orders` }));
  expect(ofTopic.labels).toBe(`resource_id="${domain}",topic="orders",event_subscription_name="to-warehouse"`);
  const ofDomain = new SubscriptionSeries(webhookTo("http://here", { source: domain }));
  expect(ofDomain.labels).toBe(`resource_id="${domain}",topic="",domain_event_subscription_name="to-warehouse"`);
});
