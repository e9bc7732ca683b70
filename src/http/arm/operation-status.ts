import { armTypeNamed } from "../../resource-manager/resource-types.ts";
import { RingmainError } from "../../core/errors.ts";
import type { EventSubscriptionResource, Resource } from "../../core/resources/resources.ts";
import { ok, type ArmAnswer, type ArmCall } from "./arm-call.ts";

/** Seconds until the client asks again. Without the header, the Python and Go SDKs wait for half a minute. */
const RETRY_AFTER = "1";

/**
 * Returns the headers that tell a client where to poll the operation of an event subscription's write. Only a webhook's
 * handshake takes time, and only where it is enforced; all other operations have ended by the first poll. They have an
 * operation nevertheless, as in Azure: the Python SDK reads no discriminators, such as `endpointType`, from a response
 * that is already final. The operation has the subscription's own id, so it survives restarts and every node knows it.
 * Source: [ARM-LRO]
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

/** Returns the status of an operation. */
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

/** Returns the progress of a write. A handshake that is being retried has not failed yet. */
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
