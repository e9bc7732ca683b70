import { createHash, timingSafeEqual } from "node:crypto";
import type { HostRequest } from "./host-request.ts";

/** Keys that callers must show, in the header `x-functions-key` or the query parameter `code`. */
export interface SystemKeys {
  /** Opens everything. */
  readonly master?: string;
  /** Azure's `eventgrid_extension`: opens the Event Grid webhook. */
  readonly eventGrid?: string;
  /** Azure's `blobs_extension`: opens the blob webhook. */
  readonly blobs?: string;
  /** A host key: opens every HTTP function whose `authLevel` is `function`. */
  readonly functions?: string;
}

/** Whether a request shows one of the keys. The header is looked at first, and alone if it is there. [EG-FUNC-KEY] */
export function showsKey(request: HostRequest, keys: readonly (string | undefined)[]): boolean {
  const shown = request.header("x-functions-key") ?? request.url.searchParams.get("code") ?? "";
  return keys.some((key) => key !== undefined && key !== "" && equal(shown, key));
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

/** Compares without telling by its time how much is equal. */
function equal(one: string, other: string): boolean {
  return timingSafeEqual(digest(one), digest(other));
}
