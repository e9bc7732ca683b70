import type { DeliveryOutcomeName } from "../../core/delivery.ts";

const OUTCOMES: Readonly<Record<string, DeliveryOutcomeName>> = {
  EACCES: "Forbidden",
  EPERM: "Forbidden",
  EROFS: "Forbidden",
  ENOSPC: "Full",
  EDQUOT: "Full",
};

/** Returns the failure for an error of the file system; the cause is part of a sentence. */
export function fileFailure(error: Error): { readonly outcome: DeliveryOutcomeName; readonly cause: string } {
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  return { outcome: OUTCOMES[code] ?? "GenericError", cause: error.message };
}
