import type { DeliveryOutcomeName } from "../../core/delivery.ts";
import { AddressRefusedError } from "./address-refused-error.ts";

/** Failure of a request without a response. */
export interface NetworkFailure {
  readonly outcome: DeliveryOutcomeName;
  /** Part of a sentence, without secrets, for example "connect ECONNREFUSED 127.0.0.1:9". */
  readonly cause: string;
}

const OUTCOMES: Readonly<Record<string, DeliveryOutcomeName>> = {
  ETIMEDOUT: "TimedOut",
  UND_ERR_CONNECT_TIMEOUT: "TimedOut",
  UND_ERR_HEADERS_TIMEOUT: "TimedOut",
  UND_ERR_BODY_TIMEOUT: "TimedOut",
  ENOTFOUND: "ResolutionError",
  ENODATA: "ResolutionError",
  EAI_AGAIN: "ResolutionError",
  EAI_FAIL: "ResolutionError",
  EAI_NODATA: "ResolutionError",
  EAI_NONAME: "ResolutionError",
  UND_ERR_CLOSED: "Aborted",
  UND_ERR_DESTROYED: "Aborted",
  UND_ERR_INVALID_ARG: "GenericError",
};
const MAX_CAUSE_CHARS = 200;

/**
 * Returns the failure for an error below HTTP. [EG-OUTCOME-NETWORK]
 *
 * @param hidesAddresses whether to omit the address that a name resolved to [EG-ADDRESS-REFUSED]
 */
export function networkFailure(error: Error, hidesAddresses = false): NetworkFailure {
  const single = error instanceof AggregateError ? (error.errors.find((one) => one instanceof Error) ?? error) : error;
  const code = "code" in single && typeof single.code === "string" ? single.code : "";
  const message = hidesAddresses ? withoutAddress(single, code) : single.message;
  const cause = (message === "" ? code || single.name : message).slice(0, MAX_CAUSE_CHARS);
  if (single instanceof AddressRefusedError) return { outcome: "Forbidden", cause: single.message };
  return { outcome: OUTCOMES[code] ?? "SocketError", cause };
}

/** Returns an error's message without the address. Errors of failed connects contain the attempted addresses. */
function withoutAddress(error: Error, code: string): string {
  if (code === "UND_ERR_CONNECT_TIMEOUT") return "no connection in time";
  const { syscall } = error as NodeJS.ErrnoException;
  return "address" in error && syscall !== undefined ? `${syscall} ${code}` : error.message;
}
