import { isJsonObject, type JsonArray, type JsonObject, type JsonValue } from "../../core/json.ts";
import type { DeployedResource } from "../../core/resources/resources.ts";
import { evaluateValue, type DeploymentScope, type Evaluation } from "./evaluation.ts";
import { createEvaluation, type Lookups } from "./template-evaluation.ts";
import {
  DEPLOYMENTS_TYPE,
  evaluateBody,
  expandResources,
  loopNames,
  type TemplateResource,
} from "./template-resources.ts";
import { givenParameters, typeName } from "./template-parameters.ts";
import { textOf } from "./text-of.ts";
import { invalidTemplate } from "./template-error.ts";

/** A template, its parameters (`{name: {value}}`), and where it goes. */
export interface DeploymentRequest {
  readonly template: JsonObject;
  readonly parameters: JsonObject;
  readonly scope: DeploymentScope;
}

/** Reads and writes resources on behalf of a deployment. */
export interface DeploymentTarget {
  /** Creates or updates a resource; resolves when that is done, rejects when it failed. */
  put(id: string, apiVersion: string, body: JsonObject): Promise<void>;
  /** A resource as it is read. Rejects when it is not there. */
  get(id: string, apiVersion: string): Promise<JsonObject>;
  /** The answer of a `list…` action. */
  list(id: string, action: string, apiVersion: string, body: JsonValue | undefined): Promise<JsonValue>;
  /** Hears of every resource whose deployment ended; `failure` is what it ended with. */
  ended(resource: DeployedResource, failure: unknown): void;
  /** The group that a nested deployment names. Rejects when it is not there. */
  resourceGroup(subscriptionId: string, name: string): Promise<NonNullable<DeploymentScope["resourceGroup"]>>;
}

/** What came of a deployment. */
export interface DeploymentOutcome {
  /** `{name: {type, value}}`, without the values of secure types. */
  readonly outputs: JsonObject;
  readonly parameters: JsonObject;
  readonly resources: readonly DeployedResource[];
}

/** How deep deployments nest. */
const MAX_NESTING = 5;

/** Reads a template as far as nothing needs to be deployed for it. Throws what is wrong with it. */
export async function validateTemplate(request: DeploymentRequest): Promise<readonly DeployedResource[]> {
  const unreachable: Lookups = {
    reference: () =>
      Promise.reject(invalidTemplate("The template function 'reference' is not expected at this location")),
    list: () => Promise.reject(invalidTemplate("A list function is not expected at this location")),
  };
  const { template, scope } = request;
  const given = givenParameters(template, request.parameters);
  const { evaluation, parameters } = createEvaluation(template, given, scope, unreachable);
  await parameters();
  const resources = await expandResources(template, evaluation);
  const loops = loopNames(template);
  for (const resource of resources) dependenciesOf(resource, resources, loops);
  return written(resources);
}

/**
 * Deploys a template: every resource after those it depends on, by `dependsOn` or by a `reference`; one at a time.
 * Rejects with the first failure; what is deployed by then stays, as on the service. Source: [ARM-TEMPLATE-DEPLOY]
 */
export async function deployTemplate(
  request: DeploymentRequest,
  target: DeploymentTarget,
  depth = 0,
): Promise<DeploymentOutcome> {
  if (depth > MAX_NESTING) throw invalidTemplate(`Nested deployments are limited to a depth of ${MAX_NESTING}`);
  const deployment = new TemplateDeployment(request, target, depth);
  return deployment.run();
}

class TemplateDeployment {
  readonly #request: DeploymentRequest;
  readonly #target: DeploymentTarget;
  readonly #depth: number;
  readonly #done = new Map<TemplateResource, JsonObject | undefined>();
  readonly #underWay = new Set<TemplateResource>();
  #resources: readonly TemplateResource[] = [];

  constructor(request: DeploymentRequest, target: DeploymentTarget, depth: number) {
    this.#request = request;
    this.#target = target;
    this.#depth = depth;
  }

  async run(): Promise<DeploymentOutcome> {
    const { template, scope } = this.#request;
    const given = givenParameters(template, this.#request.parameters);
    const { evaluation, parameters } = createEvaluation(template, given, scope, {
      reference: (name, apiVersion, full) => this.#reference(name, apiVersion, full),
      list: (action, name, apiVersion, body) => this.#list(action, name, apiVersion, body),
    });
    this.#resources = await expandResources(template, evaluation);
    for (const resource of this.#resources) await this.#deploy(resource);
    return {
      parameters: await parameters(),
      outputs: await evaluateOutputs(template, evaluation),
      resources: written(this.#resources),
    };
  }

  async #deploy(resource: TemplateResource): Promise<void> {
    if (this.#done.has(resource)) return;
    if (this.#underWay.has(resource)) {
      throw invalidTemplate(`Circular dependency detected on resource: '${resource.id}'`);
    }
    this.#underWay.add(resource);
    const loops = loopNames(this.#request.template);
    for (const dependency of dependenciesOf(resource, this.#resources, loops)) await this.#deploy(dependency);
    if (resource.role === "written") await this.#write(resource);
    else this.#done.set(resource, undefined);
    this.#underWay.delete(resource);
  }

  async #write(resource: TemplateResource): Promise<void> {
    try {
      this.#done.set(resource, await this.#writeOne(resource));
    } catch (thrown) {
      this.#target.ended(describe(resource), thrown);
      throw thrown;
    }
    this.#target.ended(describe(resource), undefined);
  }

  /** Answers the resource's state where only the deployment knows it. */
  async #writeOne(resource: TemplateResource): Promise<JsonObject | undefined> {
    if (resource.type.toLowerCase() === DEPLOYMENTS_TYPE) return this.#writeDeployment(resource);
    await this.#target.put(resource.id, resource.apiVersion, await evaluateBody(resource));
    return undefined;
  }

  /** Source: [ARM-TEMPLATE-NESTED] */
  async #writeDeployment(resource: TemplateResource): Promise<JsonObject> {
    const { declaration, evaluation } = resource;
    const properties = isJsonObject(declaration["properties"]) ? declaration["properties"] : {};
    const { template, templateLink, parameters, expressionEvaluationOptions: options } = properties;
    if (!isJsonObject(template)) {
      const what = templateLink === undefined ? "has no template" : "links to its template, which is not supported";
      throw invalidTemplate(`The nested deployment '${resource.name}' ${what}`);
    }
    const inner = isJsonObject(options) && textOf(options["scope"] ?? null).toLowerCase() === "inner";
    const given = inner ? await evaluateValue(parameters ?? {}, evaluation) : this.#request.parameters;
    const request: DeploymentRequest = {
      template: inner ? template : withOuterMembers(template, this.#request.template),
      parameters: isJsonObject(given) ? given : {},
      scope: await this.#nestedScope(resource),
    };
    const { outputs } = await deployTemplate(request, this.#target, this.#depth + 1);
    const { id, type, name } = resource;
    return { id, type, name, properties: { mode: "Incremental", provisioningState: "Succeeded", outputs } };
  }

  async #nestedScope({ name, declaration, evaluation }: TemplateResource): Promise<DeploymentScope> {
    const { scope } = this.#request;
    const group = await evaluateValue(declaration["resourceGroup"] ?? null, evaluation);
    const subscription = await evaluateValue(declaration["subscriptionId"] ?? null, evaluation);
    const deployment = { name, location: undefined };
    const subscriptionId = typeof subscription === "string" ? subscription : scope.subscriptionId;
    if (typeof group !== "string") return { ...scope, subscriptionId, deployment };
    const resourceGroup = await this.#target.resourceGroup(subscriptionId, group);
    return { ...scope, subscriptionId, resourceGroup, deployment };
  }

  async #reference(name: string, apiVersion: string | undefined, full: boolean): Promise<JsonValue> {
    const resource = await this.#named(name);
    const state = resource === undefined ? undefined : this.#done.get(resource);
    const version = this.#version(name, apiVersion, resource);
    const whole = state ?? (await this.#target.get(resource?.id ?? this.#id(name), version));
    return full ? whole : (whole["properties"] ?? {});
  }

  async #list(action: string, name: string, apiVersion: string, body: JsonValue | undefined): Promise<JsonValue> {
    const resource = await this.#named(name);
    return this.#target.list(resource?.id ?? this.#id(name), action, apiVersion, body);
  }

  /** The template's resource of this name, deployed by now. */
  async #named(name: string): Promise<TemplateResource | undefined> {
    const resource = this.#resources.find((candidate) => isNamed(candidate, name));
    if (resource !== undefined) await this.#deploy(resource);
    return resource;
  }

  #id(name: string): string {
    if (name.startsWith("/")) return name;
    throw invalidTemplate(`The resource '${name}' is not defined in the template`);
  }

  #version(name: string, apiVersion: string | undefined, resource: TemplateResource | undefined): string {
    const version = apiVersion ?? resource?.apiVersion;
    if (version !== undefined) return version;
    throw invalidTemplate(`The template function 'reference' needs an api-version for '${name}'`);
  }
}

/** With the outer scope, a nested template sees the parameters and variables of the template around it. */
function withOuterMembers(template: JsonObject, outer: JsonObject): JsonObject {
  const { parameters, variables, functions } = outer;
  return {
    ...template,
    ...(parameters === undefined ? {} : { parameters }),
    ...(variables === undefined ? {} : { variables }),
    ...(functions === undefined ? {} : { functions }),
  };
}

function describe({ id, type, name }: TemplateResource): DeployedResource {
  return { id, type, name };
}

function written(resources: readonly TemplateResource[]): DeployedResource[] {
  return resources.filter(({ role }) => role === "written").map(describe);
}

/** Throws when something is depended on that the template does not declare; ids of others are taken as they are. */
function dependenciesOf(
  { id, dependsOn }: TemplateResource,
  resources: readonly TemplateResource[],
  loops: ReadonlySet<string>,
): readonly TemplateResource[] {
  return dependsOn.flatMap((name) => {
    const found = resources.filter((candidate) => candidate.loop === name || isNamed(candidate, name));
    if (found.length > 0 || name.startsWith("/") || loops.has(name)) return found;
    throw invalidTemplate(`The resource '${name}' is not defined in the template. It is depended on by '${id}'`);
  });
}

function isNamed({ id, name, type, symbolicName }: TemplateResource, wanted: string): boolean {
  if (symbolicName !== undefined && symbolicName === wanted) return true;
  const key = wanted.toLowerCase();
  if (key.startsWith("/")) return id.toLowerCase() === key;
  return (
    name.toLowerCase() === key ||
    `${type}/${name}`.toLowerCase() === key ||
    id.toLowerCase().endsWith(`/providers/${key}`)
  );
}

async function evaluateOutputs(template: JsonObject, evaluation: Evaluation): Promise<JsonObject> {
  const declared = template["outputs"];
  const outputs: [string, JsonValue][] = [];
  for (const [name, output] of Object.entries(isJsonObject(declared) ? declared : {})) {
    if (!isJsonObject(output)) throw invalidTemplate(`The template output '${name}' is not valid`);
    if ((await evaluateValue(output["condition"] ?? true, evaluation)) !== true) continue;
    const type = textOf(output["type"] ?? null);
    const value = await outputValue(output, evaluation);
    outputs.push([name, /^secure/i.test(type) ? { type } : { type: typeName(type), value }]);
  }
  return Object.fromEntries(outputs);
}

async function outputValue(output: JsonObject, evaluation: Evaluation): Promise<JsonValue> {
  const { copy } = output;
  if (!isJsonObject(copy)) return evaluateValue(output["value"] ?? null, evaluation);
  const evaluated = await evaluateValue({ copy: [{ ...copy, name: "value" }] satisfies JsonArray }, evaluation);
  return (evaluated as JsonObject)["value"] ?? null;
}
