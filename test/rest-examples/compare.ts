import { isList, isMap, type Json } from "./specification.ts";

/**
 * How an answer is held against the documented one:
 *
 * 1. Every property that is documented is answered, at every depth. More properties may be answered.
 * 2. It is of the same JSON type. `null` stands for every type, on either side, other than for what the request set.
 * 3. Values may differ: ids, names of hosts, keys and times are a server's own.
 * 4. A documented list that has elements is answered with at least one. Each documented element is held against the
 *    answered one of the same `id`, `name` or `value`; against the first when none is the same.
 * 5. The names within `tags` are values, too.
 * 6. A documented `isSubjectCaseSensitive: false` may be absent: recorded answers of the service show it only when true.
 * 7. An answer without a documented body may have any.
 *
 * Answers what differs, each as a path with a reason; nothing when the shapes agree.
 */
export function differences(
  documented: Json | undefined,
  answered: Json | undefined,
  sent?: Json,
  path = "body",
): string[] {
  if (documented === undefined || documented === null) return [];
  if (answered === undefined) return [`${path} is missing`];
  if (answered === null) return sent === undefined || sent === null ? [] : [`${path} is null where something was sent`];
  if (kindOf(documented) !== kindOf(answered)) {
    return [`${path} is ${kindOf(answered)} where ${kindOf(documented)} is documented`];
  }
  if (path.endsWith(".tags")) return [];
  if (isMap(documented) && isMap(answered)) {
    const of = isMap(sent) ? sent : {};
    return Object.entries(documented).flatMap(([name, value]) =>
      isOptional(name, value) ? [] : differences(value, answered[name], of[name], `${path}.${name}`),
    );
  }
  if (!isList(documented) || !isList(answered) || documented.length === 0) return [];
  if (answered.length === 0) return [`${path} is empty`];
  return documented.flatMap((element, index) =>
    differences(element, counterpart(element, answered), undefined, `${path}[${index}]`),
  );
}

function isOptional(name: string, value: Json | undefined): boolean {
  return name === "isSubjectCaseSensitive" && value === false;
}

function kindOf(value: Json): string {
  return isList(value) ? "a list" : `a ${typeof value}`;
}

function counterpart(element: Json, answered: readonly Json[]): Json | undefined {
  if (!isMap(element)) return answered[0];
  for (const key of ["id", "name", "value"]) {
    const wanted = element[key];
    if (typeof wanted !== "string") continue;
    const same = answered.find((each) => isMap(each) && sameText(each[key], wanted));
    if (same !== undefined) return same;
  }
  return answered[0];
}

function sameText(value: Json | undefined, wanted: string): boolean {
  return typeof value === "string" && value.toLowerCase() === wanted.toLowerCase();
}
