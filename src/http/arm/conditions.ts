import { RingmainError } from "../../core/errors.ts";
import type { StoredResource } from "../../ports/resource-store.ts";
import type { ArmCall } from "./arm-call.ts";

/**
 * Throws `precondition_failed` unless `If-Match` and `If-None-Match` hold for the stored resource. Responses carry no
 * etags, as the service's carry none, so a client can only ask whether the resource exists: `*`. [ARM-CONDITION]
 */
export function checkConditions({ header }: ArmCall, before: StoredResource | undefined): void {
  const wanted = header("if-match");
  const unwanted = header("if-none-match");
  if (wanted !== undefined && (before === undefined || wanted.trim() !== "*")) {
    throw new RingmainError("precondition_failed", `The condition 'If-Match: ${wanted.slice(0, 80)}' does not hold.`);
  }
  if (unwanted?.trim() === "*" && before !== undefined) {
    throw new RingmainError(
      "precondition_failed",
      "The condition 'If-None-Match: *' does not hold: it exists already.",
    );
  }
}
