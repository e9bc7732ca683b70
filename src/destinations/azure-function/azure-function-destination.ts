import type { DeliveryOutcome, LockedDelivery } from "../../core/delivery.ts";
import { destinationNames } from "../../core/destinations/destination-facts.ts";
import type { AzureFunctionProperties } from "../../core/destinations/azure-function.ts";
import type { Subscriber } from "../../core/subscriber.ts";
import type { EpochMs } from "../../core/time.ts";
import type { TraceContext } from "../../core/trace-context.ts";
import type { Destination } from "../../ports/destination.ts";
import type { HttpClient } from "../outgoing/http-client.ts";
import { httpTarget, type HttpTarget } from "../outgoing/http-target.ts";
import { isSuccess, refusal } from "../outgoing/status-outcome.ts";
import { deliveryHeaders } from "../push/delivery-headers.ts";
import { createPushBatch, isBatched } from "../push/push-batch.ts";

/** Address and key of a function app. */
export interface KnownFunctionApp {
  /** Base URL, for example `http://localhost:7071`. */
  readonly url: string;
  /** The app's system key `eventgrid_extension`; a secret. An app under development needs none. */
  readonly code?: string;
}

/** Looks up a function app by name. Called for every attempt, because an app may move while it is developed. */
export type FindFunctionApp = (name: string) => KnownFunctionApp | undefined;

/** Bytes of a host's response that are searched for its error message, which is one line. */
const COMPLAINT_BYTES = 512;
const COMPLAINT = /cannot find function/i;

/**
 * Opens a destination that posts events to the Event Grid trigger of a function. A destination is invalid if the
 * function does not exist or has another trigger. The body of the host's 404 response distinguishes this from an app
 * that is temporarily unavailable. Source: [EG-FUNCTION-URL], [EG-FUNCTION-MISSING]
 */
export function openAzureFunction(
  client: HttpClient,
  findApp: FindFunctionApp,
  subscriber: Subscriber,
  properties: AzureFunctionProperties,
): Destination {
  const [appName, functionName] = destinationNames("AzureFunction", properties.resourceId);
  const headers = deliveryHeaders(subscriber, properties.deliveryAttributeMappings);
  const push = createPushBatch(client, subscriber, {
    headers,
    batched: isBatched(properties),
    keepBytes: COMPLAINT_BYTES,
  });

  async function deliver(
    batch: readonly LockedDelivery[],
    _now: EpochMs,
    signal: AbortSignal,
    trace?: TraceContext,
  ): Promise<DeliveryOutcome> {
    if (appName === undefined || functionName === undefined)
      return invalid("The destination's resource id does not name a function of an app.");
    const app = findApp(appName);
    if (app === undefined) return invalid(`There is no function app '${appName}'.`);
    const target = triggerTarget(app, functionName);
    if (target === undefined) return invalid(`The function app '${appName}' has no HTTP or HTTPS URL.`);
    const reply = await push(target, batch, signal, trace);
    if (reply.kind === "failed") return reply;
    if (isSuccess(reply.status)) return { kind: "accepted", httpStatus: reply.status };
    if (reply.status === 404 && COMPLAINT.test(reply.body.toString())) {
      const detail = `The function app '${appName}' has no function '${functionName}' with an Event Grid trigger.`;
      return { ...invalid(detail), httpStatus: 404 };
    }
    return refusal(`POST ${target.shown} (function '${functionName}')`, reply.status);
  }

  return { deliver, close: async () => {} };
}

function invalid(detail: string): DeliveryOutcome & { readonly kind: "failed" } {
  return { kind: "failed", outcome: "InvalidAzureFunctionDestination", detail };
}

/** Returns the URL of a function's trigger. [EG-FUNCTION-URL] */
function triggerTarget(app: KnownFunctionApp, name: string): HttpTarget | undefined {
  const code = app.code === undefined ? "" : `&code=${encodeURIComponent(app.code)}`;
  const path = `/runtime/webhooks/EventGrid?functionName=${encodeURIComponent(name)}${code}`;
  return httpTarget(app.url.replace(/\/$/, "") + path);
}
