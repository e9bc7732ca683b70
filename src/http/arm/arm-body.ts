import { exceededLimit } from "../../codec/json-slices.ts";
import { RingmainError } from "../../core/errors.ts";
import { isJsonObject, type JsonObject } from "../../core/json.ts";
import type { Logger } from "../../ports/logger.ts";
import { CollectedNotes, type NotedMembers } from "../../resource-manager/body/body-notes.ts";
import type { Member } from "../../resource-manager/body/members.ts";
import { readBytes, type BodyBudget } from "../read-body.ts";
import type { ArmCall } from "./arm-call.ts";

/** Largest body of a management request. [ARM-BODY] */
const BODY_BYTES = 4 * 1_024 * 1_024;
const TOO_LARGE = "The request content size exceeds the maximum size of 4 MB.";
/** Limits above what any resource needs; JSON of this size is parsed in a few milliseconds. [ARM-BODY-LIMITS] */
const JSON_LIMITS = { depth: 128, values: 50_000 };
const JSON_TYPE = /^(?:application|text)\/json\s*(?:;|$)/i;

/** Reads a management request's JSON and stops at the size limit. An empty body is an empty object. */
export async function readArmBody(request: Request, budget: BodyBudget): Promise<JsonObject> {
  const bytes = await readArmBytes(request, budget);
  if (bytes.byteLength === 0) return {};
  const type = request.headers.get("content-type");
  if (type === null || !JSON_TYPE.test(type)) {
    throw new RingmainError(
      "invalid_content_type",
      `The content media type '${(type ?? "<null>").slice(0, 80)}' is not supported. Only 'application/json' is supported.`,
    );
  }
  checkLimits(bytes);
  const value = parse(bytes);
  if (isJsonObject(value)) return value;
  throw invalidContent("it must be a JSON object");
}

/**
 * Reads the members that `member` describes from the body of a call, and logs unknown names: Azure ignores them, and so
 * does Ringmain, but a setting without effect must not go unnoticed. Source: [ARM-BODY-UNKNOWN]
 *
 * @param resource the id of the resource that the body describes
 */
export async function readMembers<Read>(call: ArmCall, member: Member<Read>, resource: string): Promise<Read> {
  const body = await call.body();
  const notes = new CollectedNotes();
  try {
    return member.read(body, "", notes);
  } finally {
    logNotes(notes, resource, call.logger);
  }
}

/** Logs the unknown and the repeated members that were found while a body was read. */
export function logNotes({ unknownMembers, repeatedMembers }: NotedMembers, resource: string, logger: Logger): void {
  if (unknownMembers.length > 0) logger.warn("members_ignored", { resource, members: unknownMembers });
  if (repeatedMembers.length > 0) logger.warn("members_repeated", { resource, members: repeatedMembers });
}

/** Reads the bytes of a management request's body and stops at the size limit. */
export function readArmBytes(request: Request, budget: BodyBudget): Promise<Uint8Array> {
  return readBytes(request, { budget, limitBytes: BODY_BYTES, tooLarge: TOO_LARGE });
}

function checkLimits(bytes: Uint8Array): void {
  switch (exceededLimit(bytes, JSON_LIMITS)) {
    case "too-deep":
      throw invalidContent(`it is nested deeper than ${JSON_LIMITS.depth} levels`);
    case "too-many":
      throw invalidContent(`it has more than ${JSON_LIMITS.values} names and values`);
    case undefined:
    default:
  }
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    throw invalidContent("it is not valid JSON", cause);
  }
}

function invalidContent(problem: string, cause?: unknown): RingmainError {
  const message = `The request content was invalid and could not be deserialized: ${problem}.`;
  return new RingmainError("invalid_request_content", message, { cause });
}
