import { isJsonObject, type JsonArray, type JsonObject, type JsonValue } from "../../core/json.ts";
import { evaluateCount, evaluateString, evaluateText, evaluateValue, withLoop } from "./expressions/evaluate.ts";
import type { DeploymentScope, Evaluation } from "./expressions/evaluation.ts";
import { idWithin } from "./expressions/functions/scope-functions.ts";
import { checkNumber } from "./template-limits.ts";
import { invalidTemplate } from "./template-error.ts";
import { valueText } from "./expressions/value-text.ts";

/** A resource of a template with its evaluated names. Its content is evaluated when the resource is deployed. */
export interface ExpandedResource {
  readonly id: string;
  /** Full type, for example `Microsoft.EventGrid/topics`. */
  readonly type: string;
  /** Name in the form of templates: `parent/child`. */
  readonly name: string;
  readonly apiVersion: string;
  /** `read`: the resource exists already. `skipped`: its condition is false; other resources may still depend on it. */
  readonly role: "written" | "read" | "skipped";
  readonly symbolicName: string | undefined;
  /** Name of the loop that the resource comes from. */
  readonly loop: string | undefined;
  /** Names, ids, symbolic names or loops that the resource depends on. */
  readonly dependsOn: readonly string[];
  readonly declaration: JsonObject;
  /** Evaluation with the current round of the resource's loop. */
  readonly evaluation: Evaluation;
}

/**
 * Returns all resources that a template declares: unrolls loops, evaluates conditions, and lists children beside their
 * parents. Source: [ARM-TEMPLATE-RESOURCES]
 */
export async function expandResources(template: JsonObject, evaluation: Evaluation): Promise<ExpandedResource[]> {
  const expanded: ExpandedResource[] = [];
  for (const [symbolicName, declaration] of declarations(template["resources"])) {
    await expand({ declaration, symbolicName, parent: undefined, evaluation }, expanded);
  }
  const ids = new Set<string>();
  for (const { id, role } of expanded) {
    const key = id.toLowerCase();
    if (role !== "written") continue;
    if (ids.has(key)) throw invalidTemplate(`The resource '${id}' is defined multiple times in a template`);
    ids.add(key);
  }
  return expanded;
}

/** Returns the declarations in an array or, with language version 2.0, in an object with symbolic names. */
function declarations(resources: JsonValue | undefined): (readonly [string | undefined, JsonObject])[] {
  const entries: (readonly [string | undefined, JsonValue | undefined])[] = Array.isArray(resources)
    ? (resources as JsonArray).map((value) => [undefined, value] as const)
    : Object.entries(isJsonObject(resources) ? resources : {});
  return entries.map(([name, value]) => {
    if (isJsonObject(value)) return [name, value] as const;
    throw invalidTemplate("Every resource must be an object");
  });
}

/** A declaration that is being expanded. */
interface Declared {
  readonly declaration: JsonObject;
  readonly symbolicName: string | undefined;
  readonly parent: ExpandedResource | undefined;
  readonly evaluation: Evaluation;
}

/** Adds the resources of a declaration to `expanded`. */
async function expand(declared: Declared, expanded: ExpandedResource[]): Promise<void> {
  const { declaration, evaluation } = declared;
  const { copy } = declaration;
  if (!isJsonObject(copy)) return expandOne(declared, undefined, expanded);
  const loop = copy["name"] === undefined ? (declared.symbolicName ?? "") : copy["name"];
  if (typeof loop !== "string") throw invalidTemplate("The name of a 'copy' must be a string");
  const name = await evaluateString(loop, evaluation, "name of a copy");
  const rounds = await evaluateCount(copy["count"] ?? 0, evaluation, name);
  checkNumber("resources", expanded.length + rounds);
  for (let round = 0; round < rounds; round += 1) {
    await expandOne({ ...declared, evaluation: withLoop(evaluation, name, round) }, name, expanded);
  }
}

async function expandOne(declared: Declared, loop: string | undefined, expanded: ExpandedResource[]): Promise<void> {
  const { declaration, symbolicName, parent, evaluation } = declared;
  const isWanted = (await evaluateValue(declaration["condition"] ?? true, evaluation)) === true;
  const { type, name } = await typeAndName(declaration, parent, evaluation);
  const dependsOn = await evaluateValue(declaration["dependsOn"] ?? [], evaluation);
  const resource: ExpandedResource = {
    id: evaluation.budget.produce(idOf(await scopeOf(declaration, type, evaluation), type, name)),
    type,
    name,
    apiVersion: await apiVersionOf(declaration, name, evaluation),
    role: roleOf(declaration, isWanted && parent?.role !== "skipped"),
    symbolicName,
    loop,
    dependsOn: [...(parent === undefined ? [] : [parent.id]), ...texts(dependsOn, name)],
    declaration,
    evaluation,
  };
  expanded.push(resource);
  checkNumber("resources", expanded.length);
  const children = declaration["resources"];
  if (type.toLowerCase() === DEPLOYMENTS_TYPE || children === undefined) return;
  for (const [childName, child] of declarations(children)) {
    await expand({ declaration: child, symbolicName: childName, parent: resource, evaluation }, expanded);
  }
}

/** Returns a resource's id. Ids of resource groups have no provider. */
function idOf(scope: string, type: string, name: string): string {
  if (type.toLowerCase() === GROUPS_TYPE) return `${scope}/resourceGroups/${name}`;
  return idWithin(scope, [type, ...name.split("/")]);
}

function roleOf(declaration: JsonObject, isWanted: boolean): ExpandedResource["role"] {
  if (!isWanted) return "skipped";
  return declaration["existing"] === true ? "read" : "written";
}

/** Returns the names of a template's loops, including loops without rounds. */
export function loopNames(template: JsonObject): ReadonlySet<string> {
  const names = declarations(template["resources"]).flatMap(([symbolicName, { copy }]) =>
    isJsonObject(copy) ? [valueText(copy["name"] ?? symbolicName ?? null), symbolicName ?? ""] : [],
  );
  return new Set(names);
}

const GROUPS_TYPE = "microsoft.resources/resourcegroups";
/** The type of nested deployments, in lower case. */
export const DEPLOYMENTS_TYPE = "microsoft.resources/deployments";

/** Returns full type and name. A child may omit its parent's part of them. */
async function typeAndName(
  declaration: JsonObject,
  parent: ExpandedResource | undefined,
  evaluation: Evaluation,
): Promise<{ readonly type: string; readonly name: string }> {
  const type = await evaluateString(declaration["type"] ?? null, evaluation, "type of a resource");
  const name = await evaluateString(declaration["name"] ?? null, evaluation, "name of a resource");
  if (parent !== undefined && !type.includes("/")) {
    return { type: `${parent.type}/${type}`, name: `${parent.name}/${name}` };
  }
  const [, ...types] = type.split("/");
  if (types.length === name.split("/").length) return { type, name };
  throw invalidTemplate(
    `The template resource '${name}' for type '${type}' has incorrect segment lengths. A nested resource type must have identical number of segments as its resource name. A root resource type must have segment length one greater than its resource name`,
  );
}

async function apiVersionOf(declaration: JsonObject, name: string, evaluation: Evaluation): Promise<string> {
  const apiVersion = await evaluateValue(declaration["apiVersion"] ?? null, evaluation);
  if (typeof apiVersion === "string") return apiVersion;
  throw invalidTemplate(`The template resource '${name}' has no apiVersion`);
}

/** Returns the start of a resource's id: the declared scope, or by default the deployment's. */
async function scopeOf(declaration: JsonObject, type: string, evaluation: Evaluation): Promise<string> {
  const scope = await evaluateValue(declaration["scope"] ?? null, evaluation);
  const own = scopeId(evaluation.scope, type);
  if (scope === null) return own;
  if (typeof scope !== "string") throw invalidTemplate("The scope of a resource must be a string");
  if (scope === "/") return "";
  if (scope.startsWith("/")) return scope.replace(/\/$/, "");
  return relativeScope(own, scope);
}

/**
 * Returns the id for a scope such as `Microsoft.Storage/storageAccounts/name`: a resource in the deployment's group.
 */
function relativeScope(own: string, scope: string): string {
  const [provider = "", ...rest] = scope.split("/");
  const types = rest.filter((_, index) => index % 2 === 0);
  const names = rest.filter((_, index) => index % 2 === 1);
  return idWithin(own, [`${provider}/${types.join("/")}`, ...names]);
}

/** Returns the id of a deployment's scope. Resource groups always belong to the subscription. */
export function scopeId({ subscriptionId, resourceGroup }: DeploymentScope, type = ""): string {
  const subscription = `/subscriptions/${subscriptionId}`;
  if (resourceGroup === undefined || type.toLowerCase() === GROUPS_TYPE) return subscription;
  return `${subscription}/resourceGroups/${resourceGroup.name}`;
}

function texts(dependsOn: JsonValue, name: string): string[] {
  const list = Array.isArray(dependsOn) ? (dependsOn as JsonArray) : [];
  return list.map((one) => {
    if (typeof one === "string") return one;
    throw invalidTemplate(`The dependsOn of the template resource '${name}' must hold strings`);
  });
}

/** Evaluates the body of a resource's PUT: all members except those of the template language. */
export async function evaluateBody({ declaration, evaluation }: ExpandedResource): Promise<JsonObject> {
  const body: [string, JsonValue][] = [];
  for (const [name, value] of Object.entries(declaration)) {
    if (TEMPLATE_MEMBERS.has(name) || value === undefined) continue;
    const evaluatedName = await evaluateText(name, evaluation);
    body.push([valueText(evaluatedName), await evaluateValue(value, evaluation)]);
  }
  return evaluation.budget.produce(Object.fromEntries(body));
}

const TEMPLATE_MEMBERS: ReadonlySet<string> = new Set([
  "type",
  "name",
  "apiVersion",
  "comments",
  "condition",
  "copy",
  "dependsOn",
  "existing",
  "metadata",
  "resources",
  "scope",
]);
