import { isList, isMap, type Json } from "./specification.ts";

/**
 * Compares a response with the documented one. The rules are:
 *
 * 1. Every documented property is in the response, at every depth. The response may have more properties.
 * 2. Its JSON type is the same. `null` matches every type, on either side, except for properties that the request set.
 * 3. Values may differ: ids, host names, keys and times depend on the server.
 * 4. If a documented list has elements, the list in the response has at least one. Each documented element is
 *    compared with the element of the same `id`, `name` or `value`, or with the first if there is none.
 * 5. The names within `tags` are values, too.
 * 6. A documented `isSubjectCaseSensitive: false` may be absent: the service's recorded responses show it only when
 *    true.
 * 7. A response without a documented body may have any body.
 *
 * Returns the differences, each as a path with a reason.
 */
export function differences(
  documented: Json | undefined,
  actual: Json | undefined,
  sent?: Json,
  path = "body",
): string[] {
  if (documented === undefined || documented === null) return [];
  if (actual === undefined) return [`${path} is missing`];
  if (actual === null) return sent === undefined || sent === null ? [] : [`${path} is null where something was sent`];
  if (kindOf(documented) !== kindOf(actual)) {
    return [`${path} is ${kindOf(actual)} where ${kindOf(documented)} is documented`];
  }
  if (path.endsWith(".tags")) return [];
  if (isMap(documented) && isMap(actual)) {
    const of = isMap(sent) ? sent : {};
    return Object.entries(documented).flatMap(([name, value]) =>
      isOptional(name, value) ? [] : differences(value, actual[name], of[name], `${path}.${name}`),
    );
  }
  if (!isList(documented) || !isList(actual) || documented.length === 0) return [];
  if (actual.length === 0) return [`${path} is empty`];
  return documented.flatMap((element, index) =>
    differences(element, matchingElement(element, actual), undefined, `${path}[${index}]`),
  );
}

function isOptional(name: string, value: Json | undefined): boolean {
  return name === "isSubjectCaseSensitive" && value === false;
}

function kindOf(value: Json): string {
  return isList(value) ? "a list" : `a ${typeof value}`;
}

function matchingElement(element: Json, actual: readonly Json[]): Json | undefined {
  if (!isMap(element)) return actual[0];
  for (const key of ["id", "name", "value"]) {
    const expected = element[key];
    if (typeof expected !== "string") continue;
    const same = actual.find((each) => isMap(each) && sameText(each[key], expected));
    if (same !== undefined) return same;
  }
  return actual[0];
}

function sameText(value: Json | undefined, expected: string): boolean {
  return typeof value === "string" && value.toLowerCase() === expected.toLowerCase();
}
