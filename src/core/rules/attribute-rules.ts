import { attributeNameFault } from "./attribute-name.ts";
import { LIMITS } from "../limits.ts";
import { invalid, isGiven, quote, type ResourceProblem } from "./problem.ts";
import type { DeliveryAttributeMapping } from "../destinations/destination-property.ts";

/**
 * Returns the problems of a destination's delivery attributes. Messages do not repeat values, which may be secrets.
 * [EG-ATTRIBUTES]
 */
export function attributeRules(
  mappings: readonly DeliveryAttributeMapping[] | undefined,
  field: string,
): readonly ResourceProblem[] {
  if (!isGiven(mappings)) return [];
  if (!Array.isArray(mappings)) return [invalid(field, "deliveryAttributeMappings must be a list.")];
  const names = mappings.map(({ name }) => String(name).toLowerCase());
  const problems = mappings.flatMap((mapping, index) => {
    const twice = names.indexOf(String(mapping.name).toLowerCase()) < index;
    const path = `${field}[${index}]`;
    return [
      ...nameProblems(mapping, path),
      ...(twice ? [invalid(`${path}.name`, `The delivery attribute ${quote(mapping.name)} is there twice.`)] : []),
      ...valueProblems(mapping, path),
    ];
  });
  if (mappings.length <= LIMITS.deliveryAttributes) return problems;
  const message = `An event subscription has at most ${LIMITS.deliveryAttributes} delivery attributes; there are ${mappings.length}.`;
  return [invalid(field, message), ...problems];
}

/**
 * Returns the problems of delivery attributes that set properties of a Service Bus message. [EG-SERVICEBUS-ATTRIBUTES]
 */
export function messageAttributeRules(
  mappings: readonly DeliveryAttributeMapping[] | undefined,
  field: string,
): readonly ResourceProblem[] {
  if (!Array.isArray(mappings)) return [];
  const path = `${field}.deliveryAttributeMappings`;
  const named = (lowerCaseName: string): DeliveryAttributeMapping | undefined =>
    mappings.find(
      ({ name }: { readonly name: unknown }) => typeof name === "string" && name.toLowerCase() === lowerCaseName,
    );
  const messageId = named("messageid");
  if (messageId === undefined) return [];
  const problems: ResourceProblem[] = [];
  if (messageId.type !== "Dynamic") {
    problems.push(invalid(path, "The delivery attribute 'MessageId' must be dynamic: each message needs its own."));
  }
  if (named("sessionid") !== undefined) {
    problems.push(invalid(path, "The delivery attributes 'SessionId' and 'MessageId' exclude each other."));
  }
  return problems;
}

function nameProblems({ name }: DeliveryAttributeMapping, path: string): readonly ResourceProblem[] {
  const problem = (message: string): readonly ResourceProblem[] => [invalid(`${path}.name`, message)];
  const shown = quote(name);
  switch (typeof name === "string" ? attributeNameFault(name) : "no-header-name") {
    case "too-long":
      return problem(
        `The delivery attribute name ${shown} has more than ${LIMITS.deliveryAttributeNameChars} characters.`,
      );
    case "no-header-name":
      return problem(`The delivery attribute name ${shown} is no name of an HTTP header.`);
    case "begins-with-aeg":
      return problem(`The delivery attribute name ${shown} must not begin with 'aeg-'.`);
    case "reserved":
      return problem(`The delivery attribute name ${shown} is a header that each delivery sets itself.`);
    case undefined:
    default:
      return [];
  }
}

function valueProblems(mapping: DeliveryAttributeMapping, path: string): readonly ResourceProblem[] {
  switch (mapping.type) {
    case "Static": {
      const { value } = mapping.properties;
      if (typeof value !== "string") return [invalid(`${path}.properties.value`, "A static attribute needs a value.")];
      const bytes = utf8Bytes(value);
      if (bytes <= LIMITS.deliveryAttributeBytes) return [];
      const message = `A delivery attribute's value has at most ${LIMITS.deliveryAttributeBytes} bytes; this one has ${bytes}.`;
      return [invalid(`${path}.properties.value`, message)];
    }
    case "Dynamic":
      if (typeof mapping.properties.sourceField === "string" && mapping.properties.sourceField !== "") return [];
      return [invalid(`${path}.properties.sourceField`, "A dynamic attribute needs a source field.")];
    default:
      return [invalid(`${path}.type`, "A delivery attribute is Static or Dynamic.")];
  }
}

function utf8Bytes(text: string): number {
  let bytes = 0;
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    bytes += 1 + Number(code > 0x7f) + Number(code > 0x7_ff) + Number(code > 0xff_ff);
  }
  return bytes;
}
