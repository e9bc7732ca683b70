import { toError } from "../core/errors.ts";
import type { Logger } from "../ports/logger.ts";

/** Logs the error if `work` rejects, and does not wait for it. Every promise that is not awaited goes through here. */
export function background(work: Promise<unknown>, name: string, logger: Logger): void {
  work.catch((thrown: unknown) => {
    logger.error("background_failed", { work: name, error: toError(thrown).message });
  });
}
