import type { HandshakeRequest } from "../../ports/destination.ts";
import type { HttpSender } from "../outgoing/http-client.ts";
import type { HttpTarget } from "../outgoing/http-target.ts";
import type { DeliveryHeaders } from "../push/delivery-headers.ts";

/** The data for asking an endpoint for consent. */
export interface HandshakeQuestion {
  readonly client: HttpSender;
  readonly target: HttpTarget;
  readonly headers: DeliveryHeaders;
  /** ARM id of the subscription's source. */
  readonly topic: string;
  readonly request: HandshakeRequest;
}
