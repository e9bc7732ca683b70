import { isSourceOf, topicTypeByName, TOPIC_TYPES, topicTypesOfSource } from "../catalogue/topic-types.ts";
import { foldCase } from "../filter/fold-case.ts";
import { nearestName } from "../nearest-name.ts";
import { invalid, quote, type ResourceProblem } from "./problem.ts";

/**
 * Returns the problems of a system topic's type and source.
 * Source: [EG-SYSTEM-TOPIC-TYPE]
 */
export function systemSourceRules({
  source,
  topicType,
}: {
  readonly source: string;
  readonly topicType: string;
}): readonly ResourceProblem[] {
  if (typeof source !== "string" || !source.startsWith("/")) {
    return [invalid("properties.source", `The source ${quote(source)} is not the resource id of a source.`)];
  }
  const known = typeof topicType === "string" ? topicTypeByName(topicType) : undefined;
  if (known?.sourceResourceFormat === undefined) {
    const names = TOPIC_TYPES.flatMap(({ name, sourceResourceFormat }) => (sourceResourceFormat ? [name] : []));
    const message = `${quote(topicType)} is not a topic type with system topics.${hint(topicType, names)}`;
    return [invalid("properties.topicType", message)];
  }
  if (isSourceOf(known, source)) return [];
  const message = `${quote(source)} is not a source of topic type ${known.name}: its ids look like ${known.sourceResourceFormat}.`;
  return [invalid("properties.source", message)];
}

/**
 * Returns a problem for each event type in a subscription's filter that its system source does not have. The event
 * types of custom topics are not known.
 *
 * @param field path of the list
 * Source: [EG-SYSTEM-EVENT-TYPES]
 */
export function eventTypeRules(
  { topic, filter }: { readonly topic: string; readonly filter: { readonly includedEventTypes?: readonly string[] } },
  field: string,
): readonly ResourceProblem[] {
  const selected: unknown = filter.includedEventTypes;
  const topicTypes = Array.isArray(selected) && typeof topic === "string" ? topicTypesOfSource(topic) : [];
  if (!Array.isArray(selected) || topicTypes.length === 0) return [];
  const known = topicTypes.flatMap(({ eventTypes }) => eventTypes);
  const folded = new Set(["All", ...known].map(foldCase));
  return selected.flatMap((eventType: unknown, index) => {
    // Values that are not strings are reported by the rules for the filter.
    if (typeof eventType !== "string" || folded.has(foldCase(eventType))) return [];
    const owners = topicTypes.map(({ name }) => name).join(", ");
    return [
      invalid(`${field}[${index}]`, `${quote(eventType)} is not an event type of ${owners}.${hint(eventType, known)}`),
    ];
  });
}

function hint(value: unknown, names: readonly string[]): string {
  const nearest = typeof value === "string" ? nearestName(value, names) : undefined;
  return nearest === undefined ? "" : ` Did you mean '${nearest}'?`;
}
