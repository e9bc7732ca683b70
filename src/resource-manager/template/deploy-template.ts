import type { Budget } from "../../core/budget.ts";
import { isJsonObject, type JsonArray, type JsonObject, type JsonValue } from "../../core/json.ts";
import type { DeployedResource } from "../../core/resources/resources.ts";
import type { DeploymentRequest } from "./deployment-request.ts";
import { evaluateValue } from "./expressions/evaluate.ts";
import type { DeploymentScope, Evaluation } from "./expressions/evaluation.ts";
import { ResourceNames } from "./resource-names.ts";
import { createEvaluation, type Lookups } from "./template-evaluation.ts";
import { invalidTemplate } from "./template-error.ts";
import { addExpanded, checkDeclared, STEPS_PER_RESOURCE } from "./template-limits.ts";
import { DEPLOYMENTS_TYPE, evaluateBody, expandResources, type ExpandedResource } from "./template-resources.ts";
import { spelledDeployment, spelledTemplate } from "./template-spelling.ts";
import { TemplateTypes, typeName } from "./template-types.ts";
import { valueText } from "./expressions/value-text.ts";

/** Resources that a deployment reads and writes. */
export interface DeploymentTarget {
  /** Creates or updates a resource. Resolves when the write has ended; rejects if it failed. */
  put(id: string, apiVersion: string, body: JsonObject): Promise<void>;
  /** Reads a resource. Rejects if it does not exist. */
  get(id: string, apiVersion: string): Promise<JsonObject>;
  /** Calls a `list…` action and resolves with its response. */
  list(id: string, action: string, apiVersion: string, body: JsonValue | undefined): Promise<JsonValue>;
  /** Receives every resource whose deployment has ended; `failure` is the error, or `undefined` after a success. */
  ended(resource: DeployedResource, failure: unknown): void;
  /** Reads the resource group of a nested deployment. Rejects if it does not exist. */
  resourceGroup(subscriptionId: string, name: string): Promise<NonNullable<DeploymentScope["resourceGroup"]>>;
}

/** Result of a deployment. */
export interface DeploymentOutcome {
  /** Outputs as `{name: {type, value}}`, without the values of secure types. */
  readonly outputs: JsonObject;
  readonly parameters: JsonObject;
  readonly resources: readonly DeployedResource[];
}

/** Most levels of nested deployments. */
const MAX_NESTING = 5;

/** Checks a template as far as possible without deploying it. Rejects if the template is invalid. */
export async function validateTemplate(
  request: DeploymentRequest,
  budget: Budget,
): Promise<readonly DeployedResource[]> {
  const unreachable: Lookups = {
    budget,
    reference: () =>
      Promise.reject(invalidTemplate("The template function 'reference' is not expected at this location")),
    list: () => Promise.reject(invalidTemplate("A list function is not expected at this location")),
  };
  const template = spelledTemplate(request.template, budget);
  checkDeclared(template);
  const { evaluation, parameters } = createEvaluation({ ...request, template }, unreachable);
  await parameters();
  const resources = await expandResources(template, evaluation);
  const names = new ResourceNames(template, resources, budget);
  for (const resource of resources) names.dependenciesOf(resource);
  return written(resources);
}

/**
 * Deploys the resources of a template one at a time, each one after those that it depends on by `dependsOn` or by a
 * `reference`. Rejects with the first failure; resources that are deployed by then are kept, as on the service.
 *
 * @param budget budget of the whole deployment
 * Source: [ARM-TEMPLATE-DEPLOY]
 */
export async function deployTemplate(
  request: DeploymentRequest,
  target: DeploymentTarget,
  budget: Budget,
  depth = 0,
): Promise<DeploymentOutcome> {
  if (depth > MAX_NESTING) throw invalidTemplate(`Nested deployments are limited to a depth of ${MAX_NESTING}`);
  const template = spelledTemplate(request.template, budget);
  const deployment = new TemplateDeployment({ ...request, template }, target, budget, depth);
  return deployment.run();
}

/**
 * One deployment of one template.
 *
 * A resource is waiting at first. It enters `#underWay` when its turn comes, or earlier when another resource depends
 * on it or a `reference` names it; its dependencies are deployed then. It moves to `#done` when it has been written, or
 * at once if it is only read or is skipped. Reaching a resource that is under way is a circular dependency. No timer
 * runs.
 */
class TemplateDeployment {
  readonly #request: DeploymentRequest;
  readonly #target: DeploymentTarget;
  readonly #budget: Budget;
  readonly #depth: number;
  readonly #done = new Map<ExpandedResource, JsonObject | undefined>();
  readonly #underWay = new Set<ExpandedResource>();
  #names: ResourceNames;
  /** Size of the evaluated resources, in bytes of JSON. */
  #expanded = 0;

  constructor(request: DeploymentRequest, target: DeploymentTarget, budget: Budget, depth: number) {
    this.#request = request;
    this.#target = target;
    this.#budget = budget;
    this.#depth = depth;
    this.#names = new ResourceNames(request.template, [], budget);
  }

  async run(): Promise<DeploymentOutcome> {
    const { template, outputDefinitions = template } = this.#request;
    checkDeclared(template);
    const { evaluation, parameters } = createEvaluation(this.#request, {
      budget: this.#budget,
      reference: (name, apiVersion, full) => this.#reference(name, apiVersion, full),
      list: (action, name, apiVersion, body) => this.#list(action, name, apiVersion, body),
    });
    const resources = await expandResources(template, evaluation);
    this.#names = new ResourceNames(template, resources, this.#budget);
    for (const resource of resources) await this.#deploy(resource);
    const shown = await parameters();
    const outputs = await evaluateOutputs(template, new TemplateTypes(outputDefinitions, this.#budget), evaluation);
    addExpanded(addExpanded(0, shown), outputs);
    return { parameters: shown, outputs, resources: written(resources) };
  }

  async #deploy(resource: ExpandedResource): Promise<void> {
    if (this.#done.has(resource)) return;
    if (this.#underWay.has(resource)) {
      throw invalidTemplate(`Circular dependency detected on resource: '${resource.id}'`);
    }
    this.#underWay.add(resource);
    for (const dependency of this.#names.dependenciesOf(resource)) await this.#deploy(dependency);
    if (resource.role === "written") await this.#write(resource);
    else this.#done.set(resource, undefined);
    this.#underWay.delete(resource);
  }

  async #write(resource: ExpandedResource): Promise<void> {
    try {
      this.#done.set(resource, await this.#writeOne(resource));
    } catch (thrown) {
      this.#target.ended(describe(resource), thrown);
      throw thrown;
    }
    this.#target.ended(describe(resource), undefined);
  }

  /** Writes a resource. Resolves with its state for a nested deployment, which only this deployment knows. */
  async #writeOne(resource: ExpandedResource): Promise<JsonObject | undefined> {
    if (resource.type.toLowerCase() === DEPLOYMENTS_TYPE) return this.#writeDeployment(resource);
    const body = await evaluateBody(resource);
    this.#expanded = addExpanded(this.#expanded, body);
    this.#budget.spend(STEPS_PER_RESOURCE);
    await this.#target.put(resource.id, resource.apiVersion, body);
    return undefined;
  }

  /** Runs a nested deployment. Source: [ARM-TEMPLATE-NESTED] */
  async #writeDeployment(resource: ExpandedResource): Promise<JsonObject> {
    const { declaration, evaluation } = resource;
    const { properties } = declaration;
    const {
      template,
      templateLink,
      parameters,
      expressionEvaluationOptions: options,
    } = isJsonObject(properties) ? spelledDeployment(properties, this.#budget) : {};
    if (!isJsonObject(template)) {
      const problem = templateLink === undefined ? "has no template" : "links to its template, which is not supported";
      throw invalidTemplate(`The nested deployment '${resource.name}' ${problem}`);
    }
    const inner = isJsonObject(options) && valueText(options["scope"] ?? null).toLowerCase() === "inner";
    const values = inner ? await evaluateValue(parameters ?? {}, evaluation) : this.#request.parameters;
    const nested = spelledTemplate(template, this.#budget);
    const request: DeploymentRequest = {
      template: inner ? nested : withOuterMembers(nested, this.#request.template),
      parameters: isJsonObject(values) ? values : {},
      scope: await this.#nestedScope(resource),
      secrets: this.#request.secrets,
      outputDefinitions: nested,
    };
    const { outputs } = await deployTemplate(request, this.#target, this.#budget, this.#depth + 1);
    const { id, type, name } = resource;
    return { id, type, name, properties: { mode: "Incremental", provisioningState: "Succeeded", outputs } };
  }

  async #nestedScope({ name, declaration, evaluation }: ExpandedResource): Promise<DeploymentScope> {
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
    const listed = await this.#target.list(resource?.id ?? this.#id(name), action, apiVersion, body);
    this.#request.secrets.addKeys(listed);
    return listed;
  }

  /** Finds a resource of the template by name, and deploys it first if necessary. */
  async #named(name: string): Promise<ExpandedResource | undefined> {
    const resource = this.#names.find(name);
    if (resource !== undefined) await this.#deploy(resource);
    return resource;
  }

  #id(name: string): string {
    if (name.startsWith("/")) return name;
    throw invalidTemplate(`The resource '${name}' is not defined in the template`);
  }

  #version(name: string, apiVersion: string | undefined, resource: ExpandedResource | undefined): string {
    const version = apiVersion ?? resource?.apiVersion;
    if (version !== undefined) return version;
    throw invalidTemplate(`The template function 'reference' needs an api-version for '${name}'`);
  }
}

/** Returns a nested template of outer scope, which uses the parameters and variables of the template around it. */
function withOuterMembers(template: JsonObject, outer: JsonObject): JsonObject {
  const { parameters, variables, functions, definitions } = outer;
  return {
    ...template,
    ...(definitions === undefined ? {} : { definitions }),
    ...(parameters === undefined ? {} : { parameters }),
    ...(variables === undefined ? {} : { variables }),
    ...(functions === undefined ? {} : { functions }),
  };
}

function describe({ id, type, name }: ExpandedResource): DeployedResource {
  return { id, type, name };
}

function written(resources: readonly ExpandedResource[]): DeployedResource[] {
  return resources.filter(({ role }) => role === "written").map(describe);
}

async function evaluateOutputs(
  template: JsonObject,
  types: TemplateTypes,
  evaluation: Evaluation,
): Promise<JsonObject> {
  const declared = template["outputs"];
  const outputs: [string, JsonValue][] = [];
  for (const [name, output] of Object.entries(isJsonObject(declared) ? declared : {})) {
    if (!isJsonObject(output)) throw invalidTemplate(`The template output '${name}' is not valid`);
    if ((await evaluateValue(output["condition"] ?? true, evaluation)) !== true) continue;
    const value = types.withoutSecrets(output, await outputValue(output, evaluation));
    const type = typeName(types.resolve(output).type);
    outputs.push([name, value === undefined ? { type } : { type, value }]);
  }
  return Object.fromEntries(outputs);
}

async function outputValue(output: JsonObject, evaluation: Evaluation): Promise<JsonValue> {
  const { copy } = output;
  if (!isJsonObject(copy)) return evaluateValue(output["value"] ?? null, evaluation);
  const evaluated = await evaluateValue({ copy: [{ ...copy, name: "value" }] satisfies JsonArray }, evaluation);
  return (evaluated as JsonObject)["value"] ?? null;
}
