import type { MiddlewareHandler } from "hono";
import { MINUTE_MS, type EpochMs } from "../../core/time.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Logger } from "../../ports/logger.ts";
import { peerAddressOf } from "./local-caller.ts";

const LINES_PER_MINUTE = 10;
const SHOWN_CHARS = 200;

/**
 * Logs refused requests: status, method, path without query, and the caller's address. Writes at most ten lines a
 * minute, so that no caller can fill a disk. The next line contains the number of omitted ones.
 */
export function logRefusals(logger: Logger, clock: Clock): MiddlewareHandler {
  let minute: EpochMs = Number.NEGATIVE_INFINITY;
  let lines = 0;
  let leftOut = 0;
  return async (context, next) => {
    await next();
    const { status } = context.res;
    if (status !== 401 && status !== 403) return;
    const now = clock.now();
    if (now < minute || now - minute >= MINUTE_MS) [minute, lines] = [now, 0];
    if (lines >= LINES_PER_MINUTE) {
      leftOut += 1;
      return;
    }
    lines += 1;
    const { method, path } = context.req;
    const fields = { status, method, path: path.slice(0, SHOWN_CHARS), address: peerAddressOf(context) };
    logger.warn("access_refused", leftOut === 0 ? fields : { ...fields, leftOut });
    leftOut = 0;
  };
}
