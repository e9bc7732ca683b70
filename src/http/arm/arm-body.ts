import { RingmainError } from "../../core/errors.ts";
import { isJsonObject, type JsonObject } from "../../core/json.ts";
import type { BodyBudget } from "../read-body.ts";

/** [ARM-BODY] */
const BODY_BYTES = 4 * 1_024 * 1_024;
const JSON_TYPE = /^(?:application|text)\/json\s*(?:;|$)/i;

/** Reads a management request's JSON, never more of it than the limit. An empty body is an empty object. */
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
  const value = parse(bytes);
  if (isJsonObject(value)) return value;
  throw new RingmainError(
    "invalid_request_content",
    "The request content was invalid and could not be deserialized: it must be a JSON object.",
  );
}

/** Reads a management request's body, never more of it than the limit. */
export async function readArmBytes(request: Request, budget: BodyBudget): Promise<Uint8Array> {
  if (Number(request.headers.get("content-length") ?? 0) > BODY_BYTES) throw tooLarge();
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const chunk of request.body ?? []) {
      if (bytes + chunk.byteLength > BODY_BYTES) throw tooLarge();
      budget.take(chunk.byteLength);
      bytes += chunk.byteLength;
      chunks.push(chunk);
    }
    return Buffer.concat(chunks, bytes);
  } finally {
    budget.give(bytes);
  }
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new RingmainError(
      "invalid_request_content",
      "The request content was invalid and could not be deserialized: it is not valid JSON.",
      { cause },
    );
  }
}

function tooLarge(): RingmainError {
  return new RingmainError("payload_too_large", "The request content size exceeds the maximum size of 4 MB.");
}
