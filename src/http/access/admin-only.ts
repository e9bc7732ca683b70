import { createHash, timingSafeEqual } from "node:crypto";
import type { MiddlewareHandler } from "hono";
import { RingmainError } from "../../core/errors.ts";
import { requesterOf, whyNotLocal, type Requester } from "./local-caller.ts";

/** The callers that may use the management routes. */
export type AdminAccess =
  /** Programs on this machine: development mode without a key. */
  | {
      readonly kind: "local";
      /** Further host names under which the server may be reached, in lower case. */
      readonly names?: readonly string[];
    }
  /** Requests with this key as a bearer token. */
  | {
      readonly kind: "key";
      readonly key: string;
      /** Name of the setting that contains the key, for messages. Default: the setting of the guarded calls. */
      readonly setting?: string;
    }
  /** No caller: production mode without a key. */
  | { readonly kind: "nobody" };

/** Guarded calls and the setting that gives access to them, for messages. */
export interface Guarded {
  /** The beginning of a sentence, such as "Management calls". */
  readonly calls: string;
  readonly setting: string;
  /** The setting's environment variable. */
  readonly variable: string;
}

const MANAGEMENT: Guarded = { calls: "Management calls", setting: "adminKey", variable: "RINGMAIN_ADMIN_KEY" };

/** Returns middleware that guards routes with {@link checkAdmin}. By default, these are the management routes. */
export function adminOnly(access: AdminAccess, guarded: Guarded = MANAGEMENT): MiddlewareHandler {
  return async (context, next) => {
    checkAdmin(access, requesterOf(context), guarded);
    await next();
  };
}

/**
 * Throws `forbidden` or `unauthorized`, with a remedy, unless a request may manage. [EG-ACCESS-LOCAL] [EG-ACCESS-KEY]
 */
export function checkAdmin(access: AdminAccess, requester: Requester, guarded: Guarded = MANAGEMENT): void {
  const { calls, setting, variable } = guarded;
  switch (access.kind) {
    case "local": {
      const problem = whyNotLocal(requester, access.names ?? []);
      if (problem === undefined) return;
      const remedy = `Set '${setting}' (${variable}), and send it as 'Authorization: Bearer <${setting}>'.`;
      throw new RingmainError("forbidden", onlyLocal(calls, problem, remedy));
    }
    case "key":
      if (showsKey(access, requester)) return;
      throw new RingmainError(
        "unauthorized",
        `${calls} need the header 'Authorization: Bearer <${access.setting ?? setting}>'.`,
      );
    case "nobody":
      throw new RingmainError(
        "forbidden",
        `${calls} are not available: in production mode, set '${setting}' (${variable}) in the configuration.`,
      );
    default:
      access satisfies never;
  }
}

/** Returns whether a request carries the key, if there is one. */
export function showsKey(access: AdminAccess, { header }: Requester): boolean {
  if (access.kind !== "key") return false;
  const presented = /^Bearer +(.+)$/i.exec(header("authorization") ?? "")?.[1];
  return presented !== undefined && isSameKey(presented, access.key);
}

/** Returns the message for a caller that does not count as a program on this machine. */
export function onlyLocal(calls: string, problem: string, remedy: string): string {
  return `${calls} without a credential are accepted only from programs on this machine, but ${problem}. ${remedy}`;
}

/** Compares digests, so that the time reveals neither length nor content. */
export function isSameKey(candidate: string, key: string): boolean {
  return timingSafeEqual(digest(candidate), digest(key));
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
