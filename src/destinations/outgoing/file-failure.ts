import type { DeliveryOutcomeName } from "../../core/delivery.ts";

const OUTCOMES: Readonly<Record<string, DeliveryOutcomeName>> = {
  EACCES: "Forbidden",
  EPERM: "Forbidden",
  EROFS: "Forbidden",
  ENOSPC: "Full",
  EDQUOT: "Full",
};

/** Names what went wrong with a file; the cause is half a sentence. */
export function fileFailure(error: Error): { readonly outcome: DeliveryOutcomeName; readonly cause: string } {
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  return { outcome: OUTCOMES[code] ?? "GenericError", cause: error.message };
}
