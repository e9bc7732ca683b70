import { parseConnectionString } from "../../codec/connection-string.ts";
import { encodeDelivery } from "../../codec/encode/encode-delivery.ts";
import { destinationNames } from "../../core/destinations/destination-facts.ts";
import type { DeliveryOutcome, LockedDelivery } from "../../core/delivery.ts";
import type { ResourceProperties } from "../../core/destinations/destination-property.ts";
import type { EpochMs } from "../../core/time.ts";
import type { Destination } from "../../ports/destination.ts";
import type { FindConnection } from "../find-connection.ts";
import { unknownConnection } from "../outgoing/attempt.ts";
import type { HttpClient } from "../outgoing/http-client.ts";
import { httpTarget } from "../outgoing/http-target.ts";
import { isSuccess, refusal } from "../outgoing/status-outcome.ts";
import { oneByOne } from "../push/one-by-one.ts";

const API_VERSION = "2024-06-01";
const PARTS = "with Endpoint=https://… and SharedAccessKey";
/** Status of a namespace's response for a topic that does not exist. */
const GONE = 410;

/**
 * Opens a destination that publishes each event, as a CloudEvent, to a namespace topic. Source: [EG-NAMESPACE-TOPIC]
 */
export function openNamespaceTopic(
  client: HttpClient,
  findConnection: FindConnection,
  { resourceId }: ResourceProperties,
): Destination {
  const [namespace = "", topic = ""] = destinationNames("NamespaceTopic", resourceId);

  async function deliverOne(delivery: LockedDelivery, _now: EpochMs, signal: AbortSignal): Promise<DeliveryOutcome> {
    const parts = parseConnectionString(findConnection(namespace) ?? "");
    const key = parts.get("sharedaccesskey");
    const base = parts.get("endpoint")?.replace(/\/$/, "");
    const target = httpTarget(`${base}/topics/${encodeURIComponent(topic)}:publish?api-version=${API_VERSION}`);
    if (target === undefined || key === undefined) return unknownConnection(namespace, PARTS);
    const { contentType, body } = encodeDelivery([delivery], "CloudEventSchemaV1_0", false);
    const headers = ["content-type", contentType, "authorization", `SharedAccessKey ${key}`];
    const reply = await client.send({ target, method: "POST", headers, body, keepBytes: 0 }, signal);
    if (reply.kind === "failed") return reply;
    if (isSuccess(reply.status)) return { kind: "accepted", httpStatus: reply.status };
    const failed = refusal(`POST ${target.shown}`, reply.status);
    if (reply.status !== GONE) return failed;
    return { ...failed, outcome: "NotFound", detail: `${failed.detail} The namespace has no topic '${topic}'.` };
  }

  return { deliver: oneByOne(deliverOne), close: async () => {} };
}
