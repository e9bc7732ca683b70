import { createHash, timingSafeEqual } from "node:crypto";
import type { MiddlewareHandler } from "hono";
import { RingmainError } from "../../core/errors.ts";
import { requesterOf, whyNotLocal, type Requester } from "./local-caller.ts";

/** The callers that may use the management routes. */
export type AdminAccess =
  /** Programs of this machine: development without a key. */
  | {
      readonly kind: "local";
      /** Host names by which it may be reached as well, in lower case. */
      readonly names?: readonly string[];
    }
  /** Requests with this key as a bearer token. */
  | {
      readonly kind: "key";
      readonly key: string;
      /** The setting that has it, for messages; unset the one that opens what is guarded. */
      readonly setting?: string;
    }
  /** No caller: production without a key. */
  | { readonly kind: "nobody" };

/** Guarded calls, and the setting that opens them: for messages. */
export interface Guarded {
  /** Begins a sentence: "Management calls". */
  readonly calls: string;
  readonly setting: string;
  /** The setting's environment variable. */
  readonly variable: string;
}

const MANAGEMENT: Guarded = { calls: "Management calls", setting: "adminKey", variable: "RINGMAIN_ADMIN_KEY" };

/** Guards routes by {@link checkAdmin}: those of management unless told otherwise. */
export function adminOnly(access: AdminAccess, guarded: Guarded = MANAGEMENT): MiddlewareHandler {
  return async (context, next) => {
    checkAdmin(access, requesterOf(context), guarded);
    await next();
  };
}

/** Throws `forbidden` or `unauthorized`, with the remedy, unless a request may manage. [EG-ACCESS-LOCAL] [EG-ACCESS-KEY] */
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

/** Returns whether a request shows the key, where there is one. */
export function showsKey(access: AdminAccess, { header }: Requester): boolean {
  if (access.kind !== "key") return false;
  const shown = /^Bearer +(.+)$/i.exec(header("authorization") ?? "")?.[1];
  return shown !== undefined && isSameKey(shown, access.key);
}

/** Returns the message to a caller that is not taken for a program of this machine. */
export function onlyLocal(calls: string, problem: string, remedy: string): string {
  return `${calls} without a credential are accepted only from programs on this machine, but ${problem}. ${remedy}`;
}

/** Compares digests, so that neither length nor content shows in the time it takes. */
export function isSameKey(shown: string, wanted: string): boolean {
  return timingSafeEqual(digest(shown), digest(wanted));
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
