import { RingmainError } from "../../core/errors.ts";
import type { StoredResource } from "../../ports/resource-store.ts";
import type { ArmCall } from "./arm-call.ts";

/**
 * Throws `precondition_failed` unless `If-Match` and `If-None-Match` hold of what is there. Answers tell no etags, as
 * the service tells none, so that what can be asked is whether something is there: `*`. [ARM-CONDITION]
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
