/**
 * Form of a resource id: `…/providers/Microsoft.ServiceBus/namespaces/{namespace}/queues/{queue}`. Braces mark names.
 */
export type ResourceIdForm = `…/providers/${string}`;

const compiled = new Map<ResourceIdForm, RegExp>();

/**
 * Returns the names in an id of this form, in order, or `undefined` for another id. Ignores the case of the id and
 * keeps that of the names.
 */
export function namesIn(id: string, form: ResourceIdForm): readonly string[] | undefined {
  const pattern = compiled.get(form) ?? compile(form);
  return pattern.exec(id)?.slice(1);
}

function compile(form: ResourceIdForm): RegExp {
  const path = form
    .slice(1)
    .split(/\{[^}]+\}/)
    .map((text) => text.replaceAll(".", String.raw`\.`));
  const pattern = new RegExp(`${path.join("([^/]+)")}/?$`, "i");
  compiled.set(form, pattern);
  return pattern;
}
