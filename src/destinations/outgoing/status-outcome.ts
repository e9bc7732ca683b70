import type { DeliveryOutcome, DeliveryOutcomeName } from "../../core/delivery.ts";

const NAMES: Readonly<Record<number, DeliveryOutcomeName>> = {
  400: "BadRequest",
  401: "Unauthorized",
  403: "Forbidden",
  404: "NotFound",
  408: "TimedOut",
  413: "PayloadTooLarge",
  429: "Busy",
  503: "Busy",
  504: "TimedOut",
};

/** Returns whether a status means that the endpoint has accepted the events: only 200 to 204. [EG-DELIVERY-SUCCESS] */
export function isSuccess(status: number): boolean {
  return status >= 200 && status <= 204;
}

/** Returns the name of a failure with a status. [EG-OUTCOME-NAMES] */
export function statusOutcome(status: number): DeliveryOutcomeName {
  return NAMES[status] ?? "GenericError";
}

/** Returns the outcome of an attempt that failed with a status; `note` is a further sentence for the operator. */
export function refusal(shown: string, httpStatus: number, note = ""): DeliveryOutcome & { readonly kind: "failed" } {
  const redirect = httpStatus >= 300 && httpStatus < 400 ? " Redirects are not followed." : "";
  const detail = `${shown} answered ${httpStatus}.${redirect}${note === "" ? "" : ` ${note}`}`;
  return { kind: "failed", outcome: statusOutcome(httpStatus), httpStatus, detail };
}
