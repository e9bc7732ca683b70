import { armTypeNamed } from "../../resource-manager/resource-types.ts";
import { RingmainError } from "../../core/errors.ts";
import type { EventSubscriptionResource, Resource } from "../../core/resources/resources.ts";
import { ok, type ArmAnswer, type ArmCall } from "./arm-call.ts";

/** Seconds until the next look. Python and Go wait for half a minute unless told. */
const RETRY_AFTER = "1";

/**
 * Returns the headers of a write of an event subscription: where to ask how it ended. Only webhooks' consent takes time,
 * and only where it is enforced; the others have ended when they are asked for. They have an operation all the same, as
 * Azure's have: Python's SDK reads no discriminators, such as `endpointType`, from an answer that is final. The operation
 * has the subscription's own id, so that it survives restarts and any node knows it. Source: [ARM-LRO]
 */
export function operationHeaders(call: ArmCall, resource: Resource): Readonly<Record<string, string>> {
  if (armTypeNamed(resource.type)?.longRunning !== true) return {};
  const { origin, path, query } = call;
  const version = encodeURIComponent(query.get("api-version") ?? "");
  const scope = path.subscriptionId === undefined ? "" : `/subscriptions/${path.subscriptionId}`;
  const location = encodeURIComponent(resource.location);
  const address = `${origin}${scope}/providers/Microsoft.EventGrid/locations/${location}`;
  return {
    "azure-asyncoperation": `${address}/operationsStatus/${resource.uid}?api-version=${version}`,
    "retry-after": RETRY_AFTER,
  };
}

/** How an operation stands. */
export function operationStatus(call: ArmCall, operationId: string): ArmAnswer {
  const subscription = call.engine.directory.subscriptionByUid(operationId.toLowerCase());
  if (subscription === undefined) {
    throw new RingmainError("not_found", `The operation '${operationId}' was not found.`);
  }
  const status = progressOf(call, subscription);
  const body = { id: call.path.path, name: operationId, status };
  if (status === "InProgress") return { status: 200, body, headers: { "retry-after": RETRY_AFTER } };
  if (status !== "Failed") return ok(body);
  return ok({ ...body, error: { code: "Url validation", message: failureOf(subscription) } });
}

/** A handshake that is tried again has not failed yet. */
function progressOf(
  { engine }: ArmCall,
  subscription: EventSubscriptionResource,
): "InProgress" | "Succeeded" | "Canceled" | "Failed" {
  const { provisioningState } = subscription.properties;
  if (provisioningState === "Succeeded" || provisioningState === "Canceled") return provisioningState;
  return provisioningState === "Failed" && !engine.handshakes.isAsking(subscription) ? "Failed" : "InProgress";
}

function failureOf({ properties: { handshake } }: EventSubscriptionResource): string {
  const endpoint = handshake?.endpoint.replace(/[?#].*$/s, "") ?? "";
  const detail = handshake === undefined ? "" : ` ${handshake.detail}`;
  return `The attempt to validate the provided endpoint ${endpoint} failed. For more details, visit https://aka.ms/esvalidation.${detail}`;
}
