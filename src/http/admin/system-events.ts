import { Buffer } from "node:buffer";
import { Hono } from "hono";
import { z } from "zod";
import { MAX_EVENT_DEPTH } from "../../codec/event-bytes.ts";
import { sliceJson } from "../../codec/json-slices.ts";
import { chooseEventType, chooseSource } from "../../core/catalogue/choose-event.ts";
import { sampleEvent } from "../../core/catalogue/sample-event.ts";
import type { TopicType } from "../../core/catalogue/topic-types.ts";
import { RingmainError } from "../../core/errors.ts";
import type { SystemEvent } from "../../core/event.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../../core/json.ts";
import { LIMITS } from "../../core/limits.ts";
import type { Engine } from "../../engine/engine.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Random } from "../../ports/random.ts";
import { readBytes, type BodyBudget } from "../read-body.ts";

/** Collaborators of the route that raises system events when no Azure service does. */
export interface SystemEventDependencies {
  readonly engine: Engine;
  readonly bodies: BodyBudget;
  readonly clock: Clock;
  readonly random: Random;
}

/** Maximum number of changes to `data` in one call, and of levels in a path. */
const [MAX_CHANGES, MAX_PATH_LEVELS] = [100, 50];

const TOO_LARGE = `The maximum size (${LIMITS.publishRequestBytes}) has been exceeded. It applies to all events of the request together.`;

const jsonObject = z.custom<JsonObject>(isJsonObject, "must be an object");
const levels = (path: string): number => path.split(".").length;
const changes = z
  .record(z.string(), z.custom<JsonValue>())
  .refine((members) => Object.keys(members).length <= MAX_CHANGES, `must have at most ${MAX_CHANGES} members`)
  .refine(
    (members) => Object.keys(members).every((path) => levels(path) <= MAX_PATH_LEVELS),
    `must have paths of at most ${MAX_PATH_LEVELS} levels`,
  );
const requestSchema = z.strictObject({
  eventType: z.string(),
  source: z.string().optional(),
  subject: z.string().optional(),
  data: jsonObject.optional(),
  set: changes.optional(),
  count: z.int().min(1).max(LIMITS.eventsPerRequest).default(1),
});

/**
 * Returns the route `POST /ringmain/system-events`, which raises an event of an Azure service, based on the catalogue's
 * sample. The body has `eventType` and, optionally, `source` (default: the only configured one), `subject`, `data`
 * (replaces the sample's), `set` (members of `data` by path) and `count`. Responds with the events' ids once their
 * deliveries are durable. Errors: `invalid_request`; `not_found` if no subscription listens; `payload_too_large`.
 */
export function systemEventRoutes({ engine, bodies, clock, random }: SystemEventDependencies): Hono {
  const routes = new Hono();
  const limits = { budget: bodies, limitBytes: LIMITS.publishRequestBytes, tooLarge: TOO_LARGE };
  routes.post("/", async (context) => {
    const {
      eventType: name,
      source: requestedSource,
      count,
      ...other
    } = parse(await readBytes(context.req.raw, limits));
    const chosen = chooseEventType(name);
    if (chosen.kind !== "chosen") throw new RingmainError("invalid_request", chosen.message);
    const { eventType, topicTypes } = chosen;
    const { source, topicType } = sourceOf(engine, topicTypes, requestedSource);
    const event = await sampleEvent(topicType, eventType, {
      source,
      time: clock.now(),
      changes: other,
    });
    if (Buffer.byteLength(JSON.stringify(event)) * count > LIMITS.publishRequestBytes)
      throw new RingmainError("payload_too_large", TOO_LARGE);
    const events: SystemEvent[] = Array.from({ length: count }, () => ({ ...event, id: random.uuid() }));
    await engine.publishSystemEvents(source, events);
    return context.json({ topicType: topicType.name, source, eventType, ids: events.map(({ id }) => id) });
  });
  return routes;
}

function parse(bytes: Uint8Array): z.infer<typeof requestSchema> {
  const slices = sliceJson(bytes, { values: 1, depth: MAX_EVENT_DEPTH });
  if (slices === "too-deep") {
    throw new RingmainError("invalid_request", `The body is nested deeper than ${MAX_EVENT_DEPTH} levels.`);
  }
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    throw new RingmainError("invalid_request", "The body is not valid JSON.");
  }
  const { success, data, error } = requestSchema.safeParse(value);
  if (success) return data;
  const problems = error.issues.map((issue) => [issue.path.join("."), issue.message].filter(Boolean).join(": "));
  throw new RingmainError("invalid_request", problems.slice(0, 5).join("; "));
}

function sourceOf(
  engine: Engine,
  topicTypes: readonly TopicType[],
  requested: string | undefined,
): { readonly source: string; readonly topicType: TopicType } {
  const choice = chooseSource(topicTypes, requested === undefined ? knownSources(engine, topicTypes) : [], requested);
  const type = topicTypes[0]?.name ?? "";
  if (choice.kind === "none") throw new RingmainError("not_found", `${choice.message} ${remedy(type)}`);
  if (choice.kind !== "chosen") throw new RingmainError("invalid_request", choice.message);
  if (engine.directory.subscriptionCountOf(choice.source) > 0) return choice;
  throw new RingmainError("not_found", `No event subscription has the source '${choice.source}'. ${remedy(type)}`);
}

/**
 * Returns the sources of the system topics with these types. If there are none, returns the sources of event
 * subscriptions.
 */
function knownSources({ directory }: Engine, topicTypes: readonly TopicType[]): string[] {
  const names = new Set(topicTypes.map(({ name }) => name.toLowerCase()));
  const declared = directory
    .ofKind("Microsoft.EventGrid/systemTopics")
    .filter(({ properties }) => names.has(properties.topicType.toLowerCase()))
    .map(({ properties }) => properties.source);
  if (declared.length > 0) return declared;
  return directory.ofKind("Microsoft.EventGrid/eventSubscriptions").map(({ properties }) => properties.topic);
}

function remedy(topicType: string): string {
  return `Declare one in the configuration file: "systemTopics": [{ "name": "my-source", "topicType": "${topicType}", "subscriptions": [ … ] }].`;
}
