import { isSourceOf, topicTypeByName, TOPIC_TYPES, topicTypesOfSource } from "../catalogue/topic-types.ts";
import { foldCase } from "../filter/fold-case.ts";
import { nearestName } from "../nearest-name.ts";
import { invalid, quote, type ResourceProblem } from "./problem.ts";

/**
 * What is wrong with a system topic's type and source.
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
 * The event types that a subscription asks of a system source and that the source has not. What a custom topic
 * carries is its owner's affair.
 *
 * @param field where the list stands
 * Source: [EG-SYSTEM-EVENT-TYPES]
 */
export function eventTypeRules(
  { topic, filter }: { readonly topic: string; readonly filter: { readonly includedEventTypes?: readonly string[] } },
  field: string,
): readonly ResourceProblem[] {
  const wanted: unknown = filter.includedEventTypes;
  const topicTypes = Array.isArray(wanted) && typeof topic === "string" ? topicTypesOfSource(topic) : [];
  if (!Array.isArray(wanted) || topicTypes.length === 0) return [];
  const known = topicTypes.flatMap(({ eventTypes }) => eventTypes);
  const folded = new Set(["All", ...known].map(foldCase));
  return wanted.flatMap((eventType: unknown, index) => {
    // What is no text at all is a matter of shape, which the filter's own rules look at.
    if (typeof eventType !== "string" || folded.has(foldCase(eventType))) return [];
    const owners = topicTypes.map(({ name }) => name).join(", ");
    return [
      invalid(`${field}[${index}]`, `${quote(eventType)} is not an event type of ${owners}.${hint(eventType, known)}`),
    ];
  });
}

function hint(given: unknown, names: readonly string[]): string {
  const nearest = typeof given === "string" ? nearestName(given, names) : undefined;
  return nearest === undefined ? "" : ` Did you mean '${nearest}'?`;
}
