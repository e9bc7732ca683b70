import { MAX_EVENT_DEPTH } from "../../codec/event-bytes.ts";
import { jsonProblem } from "../../codec/json-slices.ts";
import { isJsonObject, type JsonObject } from "../../core/json.ts";
import { LIMITS } from "../../core/limits.ts";
import { textAnswer, type Answer } from "../host/answer.ts";
import { HOST_LIMITS } from "../host/host-limits.ts";
import type { HostRequest } from "../host/host-request.ts";

const PUBLIC_ORIGIN = "eventgrid.azure.net";

/** Event Grid's own names in Azure's clouds. */
const EVENT_GRID_ORIGINS = new Set([
  PUBLIC_ORIGIN,
  "eventgrid.azure.us",
  "eventgrid.azure.cn",
  "eventgrid.azure.eaglex.ic.gov",
  "eventgrid.azure.microsoft.scloud",
]);

/**
 * Speaks Event Grid's webhook protocol as Azure Functions' extensions do: both handshakes, notifications, which go to
 * `onEvents`, and unsubscription. Azure refuses a schema that the function's parameter type rules out with 409; a
 * JavaScript function declares no such type, in Azure neither, so that 409 is never given here.
 */
export async function answerWebhook(
  request: HostRequest,
  onEvents: (events: readonly JsonObject[]) => Promise<Answer>,
): Promise<Answer> {
  // [EG-FUNC-OPTIONS]
  if (request.method === "OPTIONS") {
    return {
      status: 200,
      headers: { "webhook-allowed-origin": allowedOrigin(request.header("webhook-request-origin")) },
    };
  }
  switch ((request.header("aeg-event-type") ?? "").toLowerCase()) {
    case "subscriptionvalidation":
      return answerValidation(await readJson(request));
    case "notification": {
      const content = await readJson(request);
      const events: readonly unknown[] = Array.isArray(content) ? content : [content];
      // [EG-FUNC-GARBAGE]
      if (!events.every(isJsonObject))
        return textAnswer(400, "The body must be an event, or an array of events, as JSON");
      if (events.length > LIMITS.eventsPerRequest) {
        return textAnswer(400, `A request may have at most ${LIMITS.eventsPerRequest} events`);
      }
      return onEvents(events);
    }
    // [EG-FUNC-UNSUBSCRIBE]
    case "unsubscribe":
      return { status: 202 };
    default:
      // [EG-FUNC-EVENT-TYPE]
      return textAnswer(400, "The header aeg-event-type must be SubscriptionValidation, Notification or Unsubscribe");
  }
}

/** Which origin a handshake by OPTIONS allows: the caller's if it is Event Grid itself, else Event Grid's public name. */
function allowedOrigin(requested: string | undefined): string {
  return requested !== undefined && EVENT_GRID_ORIGINS.has(requested) ? requested : PUBLIC_ORIGIN;
}

/** [EG-FUNC-VALIDATION] An array of one event; or a CloudEvent, whose `data` is JSON within a string. */
function answerValidation(content: unknown): Answer {
  const first: unknown = Array.isArray(content) ? content[0] : content;
  const data = isJsonObject(first) ? first["data"] : undefined;
  const code = validationCode(typeof data === "string" ? parseJson(data) : data);
  if (code === undefined) return textAnswer(400, "The validation event has no data.validationCode");
  return textAnswer(200, JSON.stringify({ validationResponse: code }));
}

function validationCode(data: unknown): string | undefined {
  const code = isJsonObject(data) ? data["validationCode"] : undefined;
  return typeof code === "string" ? code : undefined;
}

/** [EG-FUNC-DEPTH] */
async function readJson(request: HostRequest): Promise<unknown> {
  const body = await request.readBody(HOST_LIMITS.webhookBodyBytes);
  // Events are written as JSON again for the functions, level by level. Batches have one level more.
  if (jsonProblem(body, MAX_EVENT_DEPTH + 1) === "too-deep") return undefined;
  return parseJson(body.toString("utf8"));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The caller answers what is not JSON like what is not an event.
    return undefined;
  }
}
