import type { ArmPath } from "../../../codec/arm/arm-id.ts";
import type { JsonObject } from "../../../core/json.ts";
import type { Engine } from "../../../engine/engine.ts";
import type { Random } from "../../../ports/random.ts";

/** What management calls work on. */
export interface ArmContext {
  readonly engine: Engine;
  readonly random: Random;
}

/** One management request that was let in. */
export interface ArmCall extends ArmContext {
  readonly method: string;
  readonly path: ArmPath;
  readonly query: URLSearchParams;
  readonly header: (name: string) => string | undefined;
  /** Scheme and authority as the client knows them: every address in an answer begins so. [ARM-ORIGIN] */
  readonly origin: string;
  /** The body; an empty object when there is none. Errors: `payload_too_large`, `invalid_content_type`, `invalid_request_content`. */
  readonly body: () => Promise<JsonObject>;
}

/** What is answered. */
export interface ArmAnswer {
  readonly status: number;
  /** Absent: no body. */
  readonly body?: JsonObject;
  readonly headers?: Readonly<Record<string, string>>;
}

/** 200 with a body. */
export function ok(body: JsonObject): ArmAnswer {
  return { status: 200, body };
}
