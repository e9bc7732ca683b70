import { Hono } from "hono";
import { baseUrlOf, fullUrlOf } from "../../core/destinations/destination-facts.ts";
import { RingmainError } from "../../core/errors.ts";
import type { EventSubscriptionResource, HandshakeState } from "../../core/resources/resources.ts";
import { formatTime } from "../../core/time.ts";
import type { ResourceDirectory } from "../../engine/directory/resource-directory.ts";
import type { Engine } from "../../engine/engine.ts";
import { parseArmPath } from "../../resource-manager/arm-id.ts";
import { addressOf } from "../arm/target.ts";
import { findTopic, parsePublishPath } from "../publish/find-topic.ts";
import { inputSchemaOf } from "../publish/publish-context.ts";

/**
 * Returns Ringmain's own routes under `/ringmain`: quiesce, the state of event subscriptions and their handshakes,
 * keys, and fired alerts.
 */
export function adminRoutes(engine: Engine, alerts: () => readonly object[]): Hono {
  const routes = new Hono();

  // [EG-ALERT]
  routes.get("/alerts", (context) => context.json({ value: alerts() }));

  routes.get("/quiesce", async (context) => {
    await engine.quiesce();
    return context.json({ status: "quiet" });
  });

  routes.get("/subscriptions", async (context) => {
    const id = context.req.query("id");
    const subscriptions =
      id === undefined ? allSubscriptions(engine.directory) : findSubscriptions(engine.directory, id);
    return context.json({
      value: await Promise.all(subscriptions.map((subscription) => describeSubscription(engine, subscription))),
    });
  });

  // Named like Resource Manager's call, which returns keys too.
  routes.post("/:kind/:name/listKeys", (context) => {
    const { kind, name } = context.req.param();
    const address = parsePublishPath(`/${kind}/${name}/api/events`);
    const topic = address && findTopic(engine.directory, address, "", () => undefined);
    if (topic === undefined) throw new RingmainError("not_found", `There is no ${kind.replace(/s$/, "")} '${name}'.`);
    const endpoint = `${new URL(context.req.url).origin}/${kind}/${topic.name}/api/events`;
    return context.json({ endpoint, inputSchema: inputSchemaOf(topic), ...topic.keys });
  });

  // An ARM id contains slashes, so it is passed as a query parameter.
  routes.post("/subscriptions/validate", async (context) => {
    const id = context.req.query("id") ?? "";
    await engine.handshakes.rerun(findSubscriptions(engine.directory, id)[0]?.id ?? id);
    return context.json({ status: "asked" }, 202);
  });

  return routes;
}

function allSubscriptions(directory: ResourceDirectory): EventSubscriptionResource[] {
  return directory.ofKind("Microsoft.EventGrid/eventSubscriptions");
}

/** Returns the subscription with an id in either form, or an empty array. [ARM-TWO-PATHS] */
function findSubscriptions(directory: ResourceDirectory, id: string): EventSubscriptionResource[] {
  const address = addressOf(parseArmPath(id), directory);
  if (address?.name === undefined) return [];
  const found = directory.find("Microsoft.EventGrid/eventSubscriptions", address.id);
  return found === undefined ? [] : [found];
}

/**
 * Returns a subscription's state for operators, without the endpoint's secrets: its handshake and the sizes of its
 * queues. While the handshake is pending, includes the validation URL, with which an operator can confirm it by hand.
 */
async function describeSubscription(engine: Engine, subscription: EventSubscriptionResource): Promise<unknown> {
  const { destination, handshake, provisioningState, topic } = subscription.properties;
  const { deliveries, deadLetters } = await engine.depths(subscription);
  const url = fullUrlOf(destination);
  return {
    id: subscription.id,
    name: subscription.name,
    topic,
    provisioningState,
    endpointType: destination.endpointType,
    ...(url !== undefined && { endpointBaseUrl: baseUrlOf(url) }),
    ...(handshake !== undefined && { handshake: describeHandshake(engine, subscription, handshake) }),
    ...healthOf(engine, subscription),
    deliveries,
    deadLetters,
  };
}

function describeHandshake(
  { handshakes }: Engine,
  subscription: EventSubscriptionResource,
  { status, detail, expiresAt }: HandshakeState,
): object {
  const validationUrl = handshakes.validationUrl(subscription);
  return {
    status,
    detail,
    expiresAt,
    ...(handshakes.isAsking(subscription) && { inProgress: true }),
    ...(validationUrl !== undefined && { validationUrl }),
  };
}

/** Returns the endpoint's recent failures, if there are any, and the end of its probation. [EG-PROBATION] */
function healthOf(engine: Engine, subscription: EventSubscriptionResource): object {
  const { failures, outcome, probationUntil } = engine.health(subscription);
  if (failures === 0) return {};
  return {
    failing: {
      failures,
      lastOutcome: outcome,
      ...(probationUntil !== undefined && { delayedUntil: formatTime(probationUntil) }),
    },
  };
}
