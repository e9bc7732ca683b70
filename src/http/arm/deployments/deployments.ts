import type { TemplateEvaluator, TemplateSession } from "../../../resource-manager/template/template-evaluator.ts";
import { TemplateError } from "../../../resource-manager/template/template-error.ts";
import { readDeployment, readOperations } from "../../../resource-manager/wire/deployment.ts";
import { RingmainError, toError } from "../../../core/errors.ts";
import type { JsonObject } from "../../../core/json.ts";
import { DEFAULT_TENANT_ID, resourceKey } from "../../../core/resources/resource-id.ts";
import type { DeployedResource, DeploymentResource } from "../../../core/resources/resources.ts";
import { parseArmPath } from "../../../resource-manager/arm-id.ts";
import { requireGroup } from "../target.ts";
import { logNotes } from "../arm-body.ts";
import { ok, type ArmAnswer, type ArmCall } from "../arm-call.ts";
import { listPage, type Listed } from "../lists/list-page.ts";
import { raise } from "../management-events.ts";
import { notAllowed } from "../resources.ts";
import {
  DEPLOYMENT_TYPE,
  deploymentId,
  deploymentRecord,
  deploymentsIn,
  keepDeployment,
} from "./deployment-records.ts";
import { groupOfScope, runDeployment } from "./deployment-run.ts";

const NAME = /^[-\w._()]{1,64}$/;
const PAGES = { page: 1_000, maxPage: 1_000, filterable: ["name", "provisioningState"] };
/** Seconds until the client asks again. Without the header, the Python and Go SDKs wait for half a minute. */
const RETRY_AFTER = "1";
const INTERRUPTED = "Ringmain was stopped during this deployment. Deploy the template again.";

/**
 * Deployments of templates to resource groups and subscriptions.
 *
 * A deployment is stored as `Running` when its template has been checked, and as `Succeeded`, `Failed` or `Canceled`
 * when it ends. Only the process that runs it knows that it is still active: a record that says `Running` without a
 * running deployment in this process is shown as `Failed`. No timer is involved.
 */
export class Deployments {
  /** The abort controllers of running deployments, by resource key. */
  readonly #running = new Map<string, AbortController>();
  readonly #templates: TemplateEvaluator;

  constructor(templates: TemplateEvaluator) {
    this.#templates = templates;
  }

  /** Handles all calls on `deployments` and below. Source: [ARM-DEPLOYMENT] */
  async answer(call: ArmCall): Promise<ArmAnswer> {
    const { types, names } = call.path;
    requireDeploymentScope(call);
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

  #list(call: ArmCall): Promise<ArmAnswer> {
    if (call.method !== "GET") throw notAllowed(call.method);
    const listed = (each: DeploymentResource): Listed => {
      const deployment = this.#asItIs(each);
      const fields = { name: each.name, provisioningState: deployment.properties.state };
      return { id: each.id, fields, read: () => readDeployment(deployment) };
    };
    return listPage(call, deploymentsIn(call), listed, PAGES);
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
        this.#running.get(resourceKey(deploymentId(call, name)))?.abort();
        await call.engine.controlPlane.delete(deploymentId(call, name));
        return { status: 204 };
      default:
        throw notAllowed(call.method);
    }
  }

  async #begin(call: ArmCall, name: string): Promise<ArmAnswer> {
    if (!NAME.test(name)) {
      const message = `The deployment name '${name}' is invalid: it may have 1 to 64 letters, digits and characters of -_.().`;
      throw new RingmainError("invalid_resource_name", message);
    }
    const session = await this.#open(call, name);
    try {
      await checked(session);
      return await this.#start(call, name, session);
    } catch (thrown) {
      session.close();
      throw thrown;
    }
  }

  /** Opens a session for the template in the body. The caller must close the session. */
  async #open(call: ArmCall, name: string): Promise<TemplateSession> {
    const { subscriptionId = "", resourceGroup } = call.path;
    const sent = {
      body: await call.bytes(),
      name,
      scope: {
        tenantId: DEFAULT_TENANT_ID,
        subscriptionId,
        resourceGroup: resourceGroup === undefined ? undefined : groupOfScope(call, subscriptionId, resourceGroup),
        now: call.clock.now(),
      },
    };
    try {
      const session = await this.#templates.open(sent, call.caller.manager.claims["oid"] ?? "");
      logNotes(session.order.notes, deploymentId(call, name), call.logger);
      return session;
    } catch (thrown) {
      throw refusal(thrown);
    }
  }

  async #start(call: ArmCall, name: string, session: TemplateSession): Promise<ArmAnswer> {
    const id = deploymentId(call, name);
    const key = resourceKey(id);
    if (this.#running.has(key)) {
      const message = `Unable to edit or replace deployment '${name}': it is still active. Please see https://aka.ms/arm-deploy for usage details.`;
      throw new RingmainError("deployment_active", message);
    }
    const canceler = new AbortController();
    this.#running.set(key, canceler);
    const isNew = call.engine.directory.get(id) === undefined;
    const begun = deploymentRecord(call, name, session.order);
    try {
      await keepDeployment(call, begun);
    } catch (thrown) {
      this.#running.delete(key);
      throw thrown;
    }
    void this.#run(call, session, begun, canceler.signal)
      .catch((thrown: unknown) => {
        call.logger.error("deployment_not_recorded", { deployment: id, error: toError(thrown).message });
      })
      .finally(() => {
        session.close();
        this.#running.delete(key);
      });
    return { status: isNew ? 201 : 200, body: readDeployment(begun), headers: this.#operationHeaders(call, begun) };
  }

  async #run(call: ArmCall, session: TemplateSession, begun: DeploymentResource, canceled: AbortSignal): Promise<void> {
    const result = await runDeployment(call, session, canceled);
    const endedAt = call.clock.now();
    // A deployment that was deleted in the meantime is not stored again.
    if (call.engine.directory.get(begun.id) !== undefined) {
      await keepDeployment(call, { ...begun, properties: { ...begun.properties, ...result, endedAt } });
    }
    const { operation } = call.target;
    const outcome = result.state === "Running" ? "Failed" : result.state;
    if (operation !== undefined) await raise(call, operation, outcome, call.logger);
  }

  /** Checks a template without deploying it. */
  async #check(
    call: ArmCall,
    name: string,
  ): Promise<{ readonly record: DeploymentResource; readonly resources: readonly DeployedResource[] }> {
    if (call.method !== "POST") throw notAllowed(call.method);
    const session = await this.#open(call, name);
    try {
      return { resources: await checked(session), record: deploymentRecord(call, name, session.order) };
    } finally {
      session.close();
    }
  }

  async #validate(call: ArmCall, name: string): Promise<ArmAnswer> {
    const { resources, record } = await this.#check(call, name);
    const { id, type, properties } = readDeployment(record);
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

  /** Lists existing resources as `Deploy` and missing ones as `Create`; does not compare properties. */
  async #whatIf(call: ArmCall, name: string): Promise<ArmAnswer> {
    const { resources } = await this.#check(call, name);
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
    const canceler = this.#running.get(resourceKey(deploymentId(call, name)));
    if (canceler === undefined) {
      throw new RingmainError("conflict", `The deployment '${name}' cannot be canceled, because it has already ended.`);
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
    const found = call.engine.directory.get(deploymentId(call, name))?.resource;
    if (found?.type === DEPLOYMENT_TYPE) return this.#asItIs(found);
    throw new RingmainError("deployment_not_found", `Deployment '${name}' could not be found.`);
  }

  /** Returns a deployment with its real state: one that was running when Ringmain stopped has failed. */
  #asItIs(deployment: DeploymentResource): DeploymentResource {
    const { state } = deployment.properties;
    if (state !== "Running" || this.#running.has(resourceKey(deployment.id))) return deployment;
    const error = { code: "DeploymentFailed", message: INTERRUPTED };
    return { ...deployment, properties: { ...deployment.properties, state: "Failed", error } };
  }
}

/** Throws unless a call's deployments belong to an Azure subscription or to a resource group. */
function requireDeploymentScope({ path: { subscriptionId, scope, path } }: ArmCall): void {
  if (subscriptionId === undefined) {
    throw new RingmainError(
      "missing_subscription",
      "The request did not have a subscription or a valid tenant level resource provider.",
    );
  }
  if (parseArmPath(scope).namespace === undefined) return;
  throw new RingmainError("not_found", `The resource '${path}' was not found.`);
}

async function checked(session: TemplateSession): Promise<readonly DeployedResource[]> {
  try {
    return await session.validate();
  } catch (thrown) {
    throw refusal(thrown);
  }
}

function refusal(thrown: unknown): unknown {
  if (!(thrown instanceof TemplateError)) return thrown;
  const code = thrown.code === "InvalidTemplate" ? "invalid_template" : "invalid_request_content";
  return new RingmainError(code, thrown.message);
}
