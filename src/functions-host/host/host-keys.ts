import { createHash, timingSafeEqual } from "node:crypto";
import type { HostRequest } from "./host-request.ts";

/** Keys that callers send in the header `x-functions-key` or in the query parameter `code`. */
export interface SystemKeys {
  /** Grants access to all functions. */
  readonly master?: string;
  /** Azure's `eventgrid_extension` key. Grants access to the Event Grid webhook. */
  readonly eventGrid?: string;
  /** Azure's `blobs_extension` key. Grants access to the blob webhook. */
  readonly blobs?: string;
  /** A host key. Grants access to every HTTP function whose `authLevel` is `function`. */
  readonly functions?: string;
}

/** Returns whether a request carries one of the keys. If the header is present, the query is ignored. [EG-FUNC-KEY] */
export function hasKey(request: HostRequest, keys: readonly (string | undefined)[]): boolean {
  const presented = request.header("x-functions-key") ?? request.url.searchParams.get("code") ?? "";
  return keys.some((key) => key !== undefined && key !== "" && equal(presented, key));
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

/** Compares in a time that does not depend on the texts. */
function equal(one: string, other: string): boolean {
  return timingSafeEqual(digest(one), digest(other));
}
