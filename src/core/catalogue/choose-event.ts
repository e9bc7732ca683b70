import { resourceKey } from "../resources/resource-id.ts";
import { nearestName } from "../nearest-name.ts";
import { isSourceOf, TOPIC_TYPES, topicTypesOfEvent, type TopicType } from "./topic-types.ts";

/** A unique choice, or a message that explains why there is none. */
export type Choice<T> =
  | ({ readonly kind: "chosen" } & T)
  | { readonly kind: "none" | "unknown" | "several"; readonly message: string };

/** Maximum number of names in a message. */
const OFFERED = 5;

/** An event type, and the topic types that have it. */
export interface ChosenEventType {
  /** The name as Azure spells it. */
  readonly eventType: string;
  readonly topicTypes: readonly TopicType[];
}

/** Returns the event type with a name, in any case. */
export function chooseEventType(name: string): Choice<ChosenEventType> {
  const topicTypes = topicTypesOfEvent(name);
  const lowerCaseName = name.toLowerCase();
  const eventType = topicTypes[0]?.eventTypes.find((known) => known.toLowerCase() === lowerCaseName);
  if (eventType !== undefined) return { kind: "chosen", eventType, topicTypes };
  const close = closeNames(name, [...new Set(TOPIC_TYPES.flatMap(({ eventTypes }) => eventTypes))]);
  return { kind: "unknown", message: `'${name.slice(0, 100)}' is not an event type of Azure.${close}` };
}

/**
 * Returns the source of an event: `requested` if such events can come from it, or else the only known source.
 *
 * @param known resource ids that are configured or subscribed to
 */
export function chooseSource(
  topicTypes: readonly TopicType[],
  known: readonly string[],
  requested: string | undefined,
): Choice<{ readonly source: string; readonly topicType: TopicType }> {
  const typeOf = (source: string): TopicType | undefined => topicTypes.find((type) => isSourceOf(type, source));
  const names = topicTypes.map(({ name }) => name).join(" or ");
  if (requested !== undefined) {
    const topicType = typeOf(requested);
    if (topicType !== undefined) return { kind: "chosen", source: requested, topicType };
    const formats = topicTypes.map(({ sourceResourceFormat }) => sourceResourceFormat ?? "").join(" or ");
    return {
      kind: "unknown",
      message: `'${requested.slice(0, 200)}' is no source of ${names}: its ids look like ${formats}.`,
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

/** Returns ` Did you mean 'a', 'b'?`, or an empty text if no name is similar. */
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
