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

/** Whether an endpoint has accepted: 200 to 204, nothing else. [EG-DELIVERY-SUCCESS] */
export function isSuccess(status: number): boolean {
  return status >= 200 && status <= 204;
}

/** The name of a failure that was answered with a status. [EG-OUTCOME-NAMES] */
export function statusOutcome(status: number): DeliveryOutcomeName {
  return NAMES[status] ?? "GenericError";
}

/** The outcome of an attempt that failed with a status; `note` is a further sentence for people. */
export function refusal(shown: string, httpStatus: number, note = ""): DeliveryOutcome & { readonly kind: "failed" } {
  const redirect = httpStatus >= 300 && httpStatus < 400 ? " Redirects are not followed." : "";
  const detail = `${shown} answered ${httpStatus}.${redirect}${note === "" ? "" : ` ${note}`}`;
  return { kind: "failed", outcome: statusOutcome(httpStatus), httpStatus, detail };
}
