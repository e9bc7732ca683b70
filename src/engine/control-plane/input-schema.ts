import { RingmainError } from "../../core/errors.ts";
import type { Resource, TopicProperties } from "../../core/resources/resources.ts";

/** The parts of a topic or domain that this check reads. */
interface WithSchema {
  readonly name: string;
  readonly properties: Pick<TopicProperties, "inputSchema">;
}

/** Throws `invalid_request` if the input schema is changed: publishers and subscriptions rely on it. */
export function checkInputSchema(
  noun: string,
  { name, properties }: WithSchema,
  before: (WithSchema & Pick<Resource, "id">) | undefined,
): void {
  if (before === undefined || before.properties.inputSchema === properties.inputSchema) return;
  throw new RingmainError("invalid_request", `The input schema of ${noun} '${name}' cannot be changed.`);
}
