import { MAX_EVENT_DEPTH } from "../../codec/event-bytes.ts";
import { jsonProblem } from "../../codec/json-slices.ts";
import { isJsonObject, type JsonObject } from "../../core/json.ts";
import { LIMITS } from "../../core/limits.ts";
import { textResponse, type HostResponse } from "../host/host-response.ts";
import { HOST_LIMITS } from "../host/host-limits.ts";
import type { HostRequest } from "../host/host-request.ts";

const PUBLIC_ORIGIN = "eventgrid.azure.net";

/** Event Grid's own origins in Azure's clouds. */
const EVENT_GRID_ORIGINS = new Set([
  PUBLIC_ORIGIN,
  "eventgrid.azure.us",
  "eventgrid.azure.cn",
  "eventgrid.azure.eaglex.ic.gov",
  "eventgrid.azure.microsoft.scloud",
]);

/**
 * Handles Event Grid's webhook protocol as Azure Functions' extensions do: both handshakes, notifications, which
 * are passed to `onEvents`, and unsubscription. Azure responds with 409 if the parameter type of a function rules
 * out a schema. JavaScript functions declare no such type, so this host never responds with 409.
 */
export async function handleWebhook(
  request: HostRequest,
  onEvents: (events: readonly JsonObject[]) => Promise<HostResponse>,
): Promise<HostResponse> {
  // [EG-FUNC-OPTIONS]
  if (request.method === "OPTIONS") {
    return {
      status: 200,
      headers: { "webhook-allowed-origin": allowedOrigin(request.header("webhook-request-origin")) },
    };
  }
  switch ((request.header("aeg-event-type") ?? "").toLowerCase()) {
    case "subscriptionvalidation":
      return handleValidation(await readJson(request));
    case "notification": {
      const content = await readJson(request);
      const events: readonly unknown[] = Array.isArray(content) ? content : [content];
      // [EG-FUNC-GARBAGE]
      if (!events.every(isJsonObject))
        return textResponse(400, "The body must be an event, or an array of events, as JSON");
      if (events.length > LIMITS.eventsPerRequest) {
        return textResponse(400, `A request may have at most ${LIMITS.eventsPerRequest} events`);
      }
      return onEvents(events);
    }
    // [EG-FUNC-UNSUBSCRIBE]
    case "unsubscribe":
      return { status: 202 };
    default:
      // [EG-FUNC-EVENT-TYPE]
      return textResponse(400, "The header aeg-event-type must be SubscriptionValidation, Notification or Unsubscribe");
  }
}

/**
 * Returns the origin that a handshake by OPTIONS allows: the caller's if that is Event Grid, else Event Grid's
 * public one.
 */
function allowedOrigin(requested: string | undefined): string {
  return requested !== undefined && EVENT_GRID_ORIGINS.has(requested) ? requested : PUBLIC_ORIGIN;
}

/**
 * Responds to a validation event: an array of one event, or a CloudEvent whose `data` is a string of JSON.
 * [EG-FUNC-VALIDATION]
 */
function handleValidation(content: unknown): HostResponse {
  const first: unknown = Array.isArray(content) ? content[0] : content;
  const data = isJsonObject(first) ? first["data"] : undefined;
  const code = validationCode(typeof data === "string" ? parseJson(data) : data);
  if (code === undefined) return textResponse(400, "The validation event has no data.validationCode");
  return textResponse(200, JSON.stringify({ validationResponse: code }));
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
    // The caller treats text that is not JSON like JSON that is not an event.
    return undefined;
  }
}
