import { toError } from "../core/errors.ts";
import type { Logger } from "../ports/logger.ts";

/** Lets work run on without waiting for it, and reports it should it fail: the one way to not await a promise. */
export function background(work: Promise<unknown>, name: string, logger: Logger): void {
  work.catch((thrown: unknown) => {
    logger.error("background_failed", { work: name, error: toError(thrown).message });
  });
}
