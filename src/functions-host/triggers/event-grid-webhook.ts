import type { JsonObject } from "../../core/json.ts";
import { textAnswer, type Answer } from "../host/answer.ts";
import type { RegisteredFunction } from "../app/function-app.ts";
import type { HostRequest } from "../host/host-request.ts";
import type { InvocationOutcome, Invoker } from "../app/invoker.ts";
import type { Limiter } from "../../core/limiter.ts";
import { answerWebhook } from "./webhook-protocol.ts";

/** What the Event Grid webhook works with. */
export interface EventGridWebhook {
  readonly functions: ReadonlyMap<string, RegisteredFunction>;
  /** Why a function that the app has is not among them. */
  readonly unsupported: ReadonlyMap<string, string>;
  readonly invoker: Invoker;
  readonly limiter: Limiter;
}

/** Answers `/runtime/webhooks/eventgrid`: one invocation per event, in parallel. */
export async function answerEventGrid(webhook: EventGridWebhook, request: HostRequest): Promise<Answer> {
  const name = request.url.searchParams.get("functionName") ?? "";
  const target = webhook.functions.get(name);
  if (target === undefined) {
    // [EG-FUNC-UNKNOWN] Before anything else of the request is looked at.
    const reason = webhook.unsupported.get(name);
    return textAnswer(404, `cannot find function: '${name}'${reason === undefined ? "" : ` (${reason})`}`);
  }
  return answerWebhook(request, async (events) => {
    // [EG-FUNC-NOTIFICATION]
    const outcomes = await Promise.all(
      events.map((event) => webhook.limiter(() => invokeWith(webhook.invoker, target, request, event))),
    );
    // [EG-FUNC-FAILED]
    const failed = outcomes.find(({ kind }) => kind === "failed");
    return failed?.kind === "failed" ? textAnswer(500, failed.message) : { status: 202 };
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
