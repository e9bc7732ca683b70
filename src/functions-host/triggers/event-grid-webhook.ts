import type { JsonObject } from "../../core/json.ts";
import { textResponse, type HostResponse } from "../host/host-response.ts";
import type { RegisteredFunction } from "../app/function-app.ts";
import type { HostRequest } from "../host/host-request.ts";
import type { InvocationOutcome, Invoker } from "../app/invoker.ts";
import type { Limiter } from "../../core/async/limiter.ts";
import { handleWebhook } from "./webhook-protocol.ts";

/** Functions and collaborators of the Event Grid webhook. */
export interface EventGridWebhook {
  readonly functions: ReadonlyMap<string, RegisteredFunction>;
  /** Reasons why functions of the app are not hosted, by function name. */
  readonly unsupported: ReadonlyMap<string, string>;
  readonly invoker: Invoker;
  readonly limiter: Limiter;
}

/** Handles `/runtime/webhooks/eventgrid`. Invokes the function once for each event, in parallel. */
export async function handleEventGrid(webhook: EventGridWebhook, request: HostRequest): Promise<HostResponse> {
  const name = request.url.searchParams.get("functionName") ?? "";
  const target = webhook.functions.get(name);
  if (target === undefined) {
    // [EG-FUNC-UNKNOWN] Checked before any other part of the request.
    const reason = webhook.unsupported.get(name);
    return textResponse(404, `cannot find function: '${name}'${reason === undefined ? "" : ` (${reason})`}`);
  }
  return handleWebhook(request, async (events) => {
    // [EG-FUNC-NOTIFICATION]
    const outcomes = await Promise.all(
      events.map((event) => webhook.limiter(() => invokeWith(webhook.invoker, target, request, event))),
    );
    // [EG-FUNC-FAILED]
    const failed = outcomes.find(({ kind }) => kind === "failed");
    return failed?.kind === "failed" ? textResponse(500, failed.message) : { status: 202 };
  });
}

async function invokeWith(
  invoker: Invoker,
  target: RegisteredFunction,
  request: HostRequest,
  event: JsonObject,
): Promise<InvocationOutcome> {
  const data = event["data"];
  return invoker.invoke(target, {
    data: { json: JSON.stringify(event) },
    metadata: data === undefined ? {} : { data: { json: JSON.stringify(data) } },
    traceParent: request.header("traceparent"),
    traceState: request.header("tracestate"),
  });
}
