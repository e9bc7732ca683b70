import type { JsonObject } from "../../../json.ts";

/** Raw ids of two users of one communication resource. */
export const ALICE = "8:acs:00000000-0000-0000-0000-000000000000_0000000c-1fb9-4878-07fd-0848220077e1";
export const BOB = "8:acs:00000000-0000-0000-0000-000000000000_0000000c-1fb9-27cc-07fd-0848220077d8";

/** Returns a user as events contain one. */
export function user(rawId: string): JsonObject {
  return { rawId, communicationUser: { id: rawId } };
}

/** Returns a telephone number as events contain one. */
export function phone(value: string): JsonObject {
  return { rawId: `4:${value}`, phoneNumber: { value } };
}
