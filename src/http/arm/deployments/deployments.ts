import { parseTemplateText } from "../../../resource-manager/template/parse-template-text.ts";
import { validateTemplate } from "../../../resource-manager/template/deploy-template.ts";
import { createTemplateBudget } from "../../../resource-manager/template/template-limits.ts";
import { SecretValues } from "../../../resource-manager/template/secret-values.ts";
import { TemplateError } from "../../../resource-manager/template/template-error.ts";
import { DEPLOYMENT_BODY, readDeployment, readOperations } from "../../../resource-manager/wire/deployment.ts";
import type { Budget } from "../../../core/budget.ts";
import { RingmainError } from "../../../core/errors.ts";
import { isJsonObject, type JsonObject } from "../../../core/json.ts";
import { DEFAULT_TENANT_ID, resourceKey } from "../../../core/resources/resource-id.ts";
import type { DeploymentProperties, DeploymentResource } from "../../../core/resources/resources.ts";
import { requireGroup } from "../address.ts";
import { readLogged } from "../arm-body.ts";
import { ok, type ArmAnswer, type ArmCall } from "../arm-call.ts";
import { listPage } from "../lists/list-page.ts";
import { operationOfCall, raise } from "../management-events.ts";
import { notAllowed } from "../resources.ts";
import { groupOfScope, runDeployment, templateHash, type DeploymentOrder } from "./deployment-run.ts";

const TYPE = "Microsoft.Resources/deployments";
const NAME = /^[-\w._()]{1,64}$/;
/** As many are remembered in a place as the service keeps. */
const MAX_KEPT = 800;
const PAGES = { page: 1_000, maxPage: 1_000, filterable: ["name", "provisioningState"] };
/** Seconds until the next look. Python and Go wait for half a minute unless told. */
const RETRY_AFTER = "1";
const INTERRUPTED = "Ringmain was stopped while this deployment ran. Deploy the template again.";

/** Deployments of templates, to resource groups and subscriptions; those that run are known to this process only. */
export class Deployments {
  /** By id, what cancels it. */
  readonly #running = new Map<string, AbortController>();

  /** Answers everything below `deployments`. Source: [ARM-DEPLOYMENT] */
  async answer(call: ArmCall): Promise<ArmAnswer> {
    const { types, names } = call.path;
    requireGroup(call.path, call.engine.directory);
    const [name] = names;
    if (name === undefined) return this.#list(call);
    if (types.length === 1) return this.#one(call, name);
    switch (types[1]?.toLowerCase() ?? "") {
      case "validate":
        return this.#validate(call, name);
      case "whatif":
        return this.#whatIf(call, name);
      case "cancel":
        return this.#cancel(call, name);
      case "operations":
        return this.#operations(call, name);
      case "operationstatuses":
        return this.#status(call, name);
      default:
        throw new RingmainError("not_found", `A deployment has no '${types[1]}' here.`);
    }
  }

  #list(call: ArmCall): ArmAnswer {
    if (call.method !== "GET") throw notAllowed(call.method);
    const prefix = `${resourceKey(deploymentsOf(call))}/`;
    const found = Array.from(call.engine.directory.all(), ({ resource }) => resource).filter(
      (resource) => resource.type === TYPE && resourceKey(resource.id).startsWith(prefix),
    ) as DeploymentResource[];
    const items = found.map((each) => {
      const deployment = this.#asItIs(each);
      const fields = { name: each.name, provisioningState: deployment.properties.state };
      return { id: each.id, fields, read: () => readDeployment(deployment) };
    });
    return listPage(call, items, PAGES);
  }

  async #one(call: ArmCall, name: string): Promise<ArmAnswer> {
    switch (call.method) {
      case "GET":
        return ok(readDeployment(this.#find(call, name)));
      case "HEAD":
        this.#find(call, name);
        return { status: 204 };
      case "PUT":
        return this.#begin(call, name);
      case "DELETE":
        this.#running.get(resourceKey(idOf(call, name)))?.abort();
        await call.engine.controlPlane.delete(idOf(call, name));
        return { status: 204 };
      default:
        throw notAllowed(call.method);
    }
  }

  async #begin(call: ArmCall, name: string): Promise<ArmAnswer> {
    const id = idOf(call, name);
    const key = resourceKey(id);
    if (!NAME.test(name)) {
      const message = `The deployment name '${name}' is invalid: it may have 1 to 64 letters, digits and characters of -_.().`;
      throw new RingmainError("invalid_resource_name", message);
    }
    const order = await orderOf(call, name);
    await checked(order);
    if (this.#running.has(key)) {
      const message = `Unable to edit or replace deployment '${name}': it is still active. Please see https://aka.ms/arm-deploy for usage details.`;
      throw new RingmainError("deployment_active", message);
    }
    const canceler = new AbortController();
    this.#running.set(key, canceler);
    const isNew = call.engine.directory.get(id) === undefined;
    const begun = recordOf(call, name, order);
    try {
      await keep(call, begun);
    } catch (thrown) {
      this.#running.delete(key);
      throw thrown;
    }
    void this.#run(call, order, begun, canceler.signal).finally(() => this.#running.delete(key));
    return { status: isNew ? 201 : 200, body: readDeployment(begun), headers: this.#operationHeaders(call, begun) };
  }

  async #run(call: ArmCall, order: DeploymentOrder, begun: DeploymentResource, canceled: AbortSignal): Promise<void> {
    const result = await runDeployment(call, order, canceled);
    const endedAt = call.clock.now();
    // One that was deleted meanwhile is not brought back.
    if (call.engine.directory.get(begun.id) !== undefined) {
      await keep(call, { ...begun, properties: { ...begun.properties, ...result, endedAt } });
    }
    const operation = operationOfCall(call);
    const outcome = result.state === "Running" ? "Failed" : result.state;
    if (operation !== undefined) await raise(call, operation, outcome, call.logger);
  }

  async #validate(call: ArmCall, name: string): Promise<ArmAnswer> {
    if (call.method !== "POST") throw notAllowed(call.method);
    const order = await orderOf(call, name);
    const resources = await checked(order);
    const { id, type, properties } = readDeployment(recordOf(call, name, order));
    return ok({
      id,
      name,
      type,
      properties: {
        ...(properties as JsonObject),
        provisioningState: "Succeeded",
        validatedResources: resources.map((resource) => ({ id: resource.id })),
      },
    });
  }

  /** What is there is deployed again, what is not is created; properties are not compared. */
  async #whatIf(call: ArmCall, name: string): Promise<ArmAnswer> {
    if (call.method !== "POST") throw notAllowed(call.method);
    const resources = await checked(await orderOf(call, name));
    const { directory } = call.engine;
    const changes = resources.map(({ id }) => ({
      resourceId: id,
      changeType: directory.get(id) === undefined ? "Create" : "Deploy",
    }));
    return ok({ status: "Succeeded", properties: { correlationId: call.random.uuid(), changes } });
  }

  #cancel(call: ArmCall, name: string): ArmAnswer {
    if (call.method !== "POST") throw notAllowed(call.method);
    this.#find(call, name);
    const canceler = this.#running.get(resourceKey(idOf(call, name)));
    if (canceler === undefined) {
      throw new RingmainError("conflict", `The deployment '${name}' cannot be canceled: it has ended already.`);
    }
    canceler.abort();
    return { status: 204 };
  }

  #operations(call: ArmCall, name: string): ArmAnswer {
    if (call.method !== "GET") throw notAllowed(call.method);
    const value = readOperations(this.#find(call, name));
    const wanted = call.path.names[1];
    if (wanted === undefined) return ok({ value });
    const operation = value.find(({ operationId }) => operationId === wanted);
    if (operation !== undefined) return ok(operation);
    throw new RingmainError("not_found", `The deployment '${name}' has no operation '${wanted}'.`);
  }

  #status(call: ArmCall, name: string): ArmAnswer {
    if (call.method !== "GET") throw notAllowed(call.method);
    const { properties } = this.#find(call, name);
    const { state, error } = properties;
    const headers = state === "Running" ? { "retry-after": RETRY_AFTER } : {};
    return { status: 200, body: { status: state, ...(error === undefined ? {} : { error }) }, headers };
  }

  #operationHeaders({ origin, query }: ArmCall, { id, properties }: DeploymentResource): Record<string, string> {
    const version = encodeURIComponent(query.get("api-version") ?? "");
    return {
      "azure-asyncoperation": `${origin}${id}/operationStatuses/${properties.correlationId}?api-version=${version}`,
      "retry-after": RETRY_AFTER,
    };
  }

  #find(call: ArmCall, name: string): DeploymentResource {
    const found = call.engine.directory.get(idOf(call, name))?.resource;
    if (found?.type === TYPE) return this.#asItIs(found);
    throw new RingmainError("deployment_not_found", `Deployment '${name}' could not be found.`);
  }

  /** What ran when Ringmain was stopped has failed, whatever its record says. */
  #asItIs(deployment: DeploymentResource): DeploymentResource {
    const { state } = deployment.properties;
    if (state !== "Running" || this.#running.has(resourceKey(deployment.id))) return deployment;
    const error = { code: "DeploymentFailed", message: INTERRUPTED };
    return { ...deployment, properties: { ...deployment.properties, state: "Failed", error } };
  }
}

/** Stores a record, and lets go of the oldest when there are too many. */
async function keep({ engine }: ArmCall, deployment: DeploymentResource): Promise<void> {
  const { uid: _uid, ...desired } = deployment;
  const prefix = resourceKey(deployment.id.slice(0, -deployment.name.length));
  const others = Array.from(engine.directory.all(), ({ resource }) => resource).filter(
    (resource) => resource.type === TYPE && resourceKey(resource.id).startsWith(prefix),
  ) as DeploymentResource[];
  if (others.length >= MAX_KEPT && engine.directory.get(deployment.id) === undefined) {
    const [oldest] = others.toSorted((one, other) => one.properties.startedAt - other.properties.startedAt);
    if (oldest !== undefined) await engine.controlPlane.delete(oldest.id);
  }
  await engine.controlPlane.put(desired);
}

function deploymentsOf({ path }: ArmCall): string {
  const group = path.resourceGroup === undefined ? "" : `/resourceGroups/${path.resourceGroup}`;
  return `/subscriptions/${path.subscriptionId}${group}/providers/${TYPE}`;
}

function idOf(call: ArmCall, name: string): string {
  return `${deploymentsOf(call)}/${name}`;
}

/** Reads what is to be deployed. Source: [ARM-TEMPLATE-TEXT] */
async function orderOf(call: ArmCall, name: string): Promise<DeploymentOrder> {
  const budget = createTemplateBudget();
  const body = readLogged(parse(await call.text(), budget), DEPLOYMENT_BODY, idOf(call, name), call.logger);
  const { template, templateLink, parameters = {}, parametersLink, mode = "Incremental" } = body.properties ?? {};
  if (templateLink !== undefined) {
    throw new RingmainError("invalid_template", "A template link is not supported: send the template itself.");
  }
  if (parametersLink !== undefined) {
    throw new RingmainError("invalid_template", "A parameters link is not supported: send the parameters themselves.");
  }
  if (!isJsonObject(template)) {
    throw new RingmainError("invalid_template", "The deployment must have a template, in 'properties.template'.");
  }
  const { subscriptionId = "", resourceGroup } = call.path;
  const { location } = body;
  if (resourceGroup === undefined && location === undefined) {
    const message = `The 'location' property must be specified for '${name}'. Please see https://aka.ms/deploy-to-subscription for usage details.`;
    throw new RingmainError("location_required", message);
  }
  return {
    budget,
    secrets: new SecretValues(),
    template,
    parameters,
    mode,
    scope: {
      tenantId: DEFAULT_TENANT_ID,
      subscriptionId,
      resourceGroup: resourceGroup === undefined ? undefined : groupOfScope(call, subscriptionId, resourceGroup),
      deployment: { name, location },
      now: call.clock.now(),
    },
  };
}

function parse(text: string, budget: Budget): JsonObject {
  try {
    return parseTemplateText(text, budget);
  } catch (thrown) {
    throw refusal(thrown);
  }
}

async function checked(order: DeploymentOrder): ReturnType<typeof validateTemplate> {
  try {
    return await validateTemplate(order, order.budget);
  } catch (thrown) {
    throw refusal(thrown, order.secrets);
  }
}

function refusal(thrown: unknown, secrets = new SecretValues()): unknown {
  if (!(thrown instanceof TemplateError)) return thrown;
  const code = thrown.code === "InvalidTemplate" ? "invalid_template" : "invalid_request_content";
  return new RingmainError(code, secrets.hide(thrown.message));
}

function recordOf(call: ArmCall, name: string, order: DeploymentOrder): DeploymentResource {
  const properties: DeploymentProperties = {
    state: "Running",
    mode: order.mode,
    startedAt: call.clock.now(),
    correlationId: call.caller.correlationId,
    templateHash: templateHash(order.template),
    parameters: {},
    outputs: {},
    resources: [],
    operations: [],
  };
  const location = order.scope.deployment.location ?? "local";
  return { id: idOf(call, name), name, type: TYPE, uid: "", location, properties };
}
