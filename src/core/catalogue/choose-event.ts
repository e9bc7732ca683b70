import { resourceKey } from "../resources/resource-id.ts";
import { nearestName } from "../nearest-name.ts";
import { isSourceOf, TOPIC_TYPES, topicTypesOfEvent, type TopicType } from "./topic-types.ts";

/** What somebody meant, or what to tell them. */
export type Choice<T> =
  | ({ readonly kind: "chosen" } & T)
  | { readonly kind: "none" | "unknown" | "several"; readonly message: string };

/** How many names a message offers. */
const OFFERED = 5;

/** An event type, and the topic types that have it. */
export interface ChosenEventType {
  /** As it is spelled in Azure. */
  readonly eventType: string;
  readonly topicTypes: readonly TopicType[];
}

/** The event type of this name, in any case. */
export function chooseEventType(name: string): Choice<ChosenEventType> {
  const topicTypes = topicTypesOfEvent(name);
  const wanted = name.toLowerCase();
  const eventType = topicTypes[0]?.eventTypes.find((known) => known.toLowerCase() === wanted);
  if (eventType !== undefined) return { kind: "chosen", eventType, topicTypes };
  const close = closeNames(name, [...new Set(TOPIC_TYPES.flatMap(({ eventTypes }) => eventTypes))]);
  return { kind: "unknown", message: `'${name.slice(0, 100)}' is not an event type of Azure.${close}` };
}

/**
 * The source that an event comes from: the given one, if such events come from it, else the only one of those known.
 *
 * @param known resource ids that somebody configured or listens to
 */
export function chooseSource(
  topicTypes: readonly TopicType[],
  known: readonly string[],
  given: string | undefined,
): Choice<{ readonly source: string; readonly topicType: TopicType }> {
  const typeOf = (source: string): TopicType | undefined => topicTypes.find((type) => isSourceOf(type, source));
  const names = topicTypes.map(({ name }) => name).join(" or ");
  if (given !== undefined) {
    const topicType = typeOf(given);
    if (topicType !== undefined) return { kind: "chosen", source: given, topicType };
    const formats = topicTypes.map(({ sourceResourceFormat }) => sourceResourceFormat ?? "").join(" or ");
    return {
      kind: "unknown",
      message: `'${given.slice(0, 200)}' is no source of ${names}: its ids look like ${formats}.`,
    };
  }
  const fitting = [...new Map(known.map((source) => [resourceKey(source), source])).values()].filter(typeOf);
  const [source] = fitting;
  const topicType = source === undefined ? undefined : typeOf(source);
  if (source === undefined || topicType === undefined) {
    return { kind: "none", message: `There is no system topic of ${names}, and no event subscription to a source.` };
  }
  if (fitting.length === 1) return { kind: "chosen", source, topicType };
  return {
    kind: "several",
    message: `Several sources have such events; name one of them: ${fitting.slice(0, OFFERED).join(", ")}`,
  };
}

/** ` Did you mean 'a', 'b'?`, or nothing where no name is near. */
export function closeNames(typed: string, names: readonly string[]): string {
  const last = typed.slice(typed.lastIndexOf(".") + 1).toLowerCase();
  const containing = last.length < 3 ? [] : names.filter((name) => name.toLowerCase().includes(last));
  const close = new Set([nearestName(typed, names) ?? [], containing].flat());
  if (close.size === 0) return "";
  return ` Did you mean ${[...close]
    .slice(0, OFFERED)
    .map((name) => `'${name}'`)
    .join(", ")}?`;
}
