import { randomUUID } from "node:crypto";
import { toResources } from "../../app/config/to-resources.ts";
import { printedResource, type PrintedResource } from "../../resource-manager/transfer/az-output.ts";
import { bodyOf } from "../../resource-manager/transfer/desired-body.ts";
import { armTypeNamed } from "../../resource-manager/resource-types.ts";
import { asText, isJsonObject, type JsonArray, type JsonObject } from "../../core/json.ts";
import { eventSubscriptionKind } from "../../core/kinds/event-subscription.ts";
import { dependencyRank } from "../../core/kinds/index.ts";
import {
  partnerConfigurationId,
  partnerTopicOf,
  resourceGroupId,
  type ResourceScope,
} from "../../core/resources/resource-id.ts";
import type { DesiredResource } from "../../core/resources/resources.ts";
import { requireConfiguration } from "../configuration.ts";
import { ExitError } from "../exit-error.ts";
import { outcomeOf, type ImportReport } from "./import-report.ts";
import type { ManagementClient } from "../management-client.ts";

/** A template to deploy. */
export interface ImportedTemplate {
  readonly template: JsonObject;
  readonly parameters: JsonObject;
  /** The resource group that it is deployed to. */
  readonly scope: ResourceScope;
}

/** Deploys a template, and reports the result of each of its resources. */
export async function importTemplate(
  client: ManagementClient,
  report: ImportReport,
  { template, parameters, scope }: ImportedTemplate,
): Promise<void> {
  const group = resourceGroupId(scope);
  await report.requireGroup(client, group);
  const name = `import-${randomUUID()}`;
  const deployment = `${group}/providers/Microsoft.Resources/deployments/${name}`;
  const body = { properties: { mode: "Incremental", template, parameters } };
  const { properties: validated } = await client.post(`${deployment}/validate`, body);
  const listed = isJsonObject(validated) ? validated["validatedResources"] : undefined;
  const ids = (Array.isArray(listed) ? (listed as JsonArray) : []).map((each) =>
    asText(isJsonObject(each) ? each["id"] : ""),
  );
  const before = new Map<string, JsonObject | undefined>();
  for (const id of ids) before.set(id, await client.find(id));
  const failure = await deploy(client, deployment, body);
  const ended = await operationsOf(client, deployment);
  for (const id of ids) {
    const state = ended.get(id.toLowerCase());
    if (state?.isDone === true) {
      report.add(id, outcomeOf(before.get(id), await client.find(id)));
      report.noteSubscription(id);
    } else if (state === undefined) report.add(id, "skipped", "The deployment ended before this resource.");
    else report.add(id, "refused", state.message);
  }
  await client.delete(deployment);
  // A failure that belongs to no resource has not been reported yet.
  if (failure !== undefined && [...ended.values()].every(({ isDone }) => isDone)) throw failure;
}

async function deploy(client: ManagementClient, id: string, body: JsonObject): Promise<ExitError | undefined> {
  try {
    await client.put(id, body);
    return undefined;
  } catch (thrown) {
    if (thrown instanceof ExitError) return thrown;
    throw thrown;
  }
}

/** Returns the result of the deployment of each resource, by its id in lower case. */
async function operationsOf(
  client: ManagementClient,
  deployment: string,
): Promise<ReadonlyMap<string, { readonly isDone: boolean; readonly message: string }>> {
  const ended = (await client.find(deployment)) === undefined ? [] : await client.list(`${deployment}/operations`);
  return new Map(
    ended.flatMap(({ properties }) => {
      const {
        targetResource: target,
        provisioningState: state,
        statusMessage: status,
      } = isJsonObject(properties) ? properties : {};
      if (!isJsonObject(target)) return [];
      const error = isJsonObject(status) && isJsonObject(status["error"]) ? status["error"] : {};
      const message = `${asText(error["code"])}: ${asText(error["message"])}`;
      return [[asText(target["id"]).toLowerCase(), { isDone: state === "Succeeded", message }] as const];
    }),
  );
}

/** Creates the resources in the output of `az`, with their ids. */
export async function importPrinted(client: ManagementClient, report: ImportReport, printed: JsonArray): Promise<void> {
  const resources: PrintedResource[] = [];
  printed.forEach((each, index) => {
    const resource = printedResource(each);
    if (resource === undefined)
      report.add(`[${index}]`, "refused", "The entry has no ARM id, so it is not a resource from the output of az.");
    else if (!isManaged(resource))
      report.add(resource.id, "skipped", `Ringmain does not support resources of type ${resource.type}.`);
    else resources.push(resource);
  });
  for (const { id, body, location, notes } of resources.toSorted((one, other) => rank(one.type) - rank(other.type))) {
    await report.requireGroup(client, id, location);
    await report.write(client, id, body, notes);
  }
}

function isManaged({ type }: PrintedResource): boolean {
  return type.toLowerCase().endsWith("/eventsubscriptions") || armTypeNamed(type) !== undefined;
}

/** Returns the position of a type in the order of creation. Event subscriptions come last. */
function rank(type: string): number {
  return dependencyRank({ type: armTypeNamed(type)?.type ?? eventSubscriptionKind.type });
}

/** Creates the resources that a configuration declares. Only `ringmain start` uses its settings, connections and keys. */
export async function importConfig(client: ManagementClient, report: ImportReport, file: string): Promise<void> {
  const { config } = requireConfiguration({ config: file });
  const declared = toResources(config).map(({ resource }) => resource);
  for (const resource of declared.toSorted((one, other) => rank(one.type) - rank(other.type))) {
    const channel = resource.type === "Microsoft.EventGrid/partnerNamespaces/channels" ? resource : undefined;
    if (channel !== undefined) await authorize(client, channel);
    const notes =
      "keys" in resource && Object.keys(resource.keys ?? {}).length > 0 ? ["its keys are not imported"] : [];
    const isDone = await report.write(client, resource.id, bodyOf(resource), notes);
    if (isDone && channel !== undefined) await client.post(`${partnerTopicOf(channel.properties)}/activate`);
  }
}

/** Authorizes the partner of a channel. In a configuration file, the partner and the customer are the same. */
async function authorize(client: ManagementClient, { id }: DesiredResource): Promise<void> {
  const namespace = await client.find(id.slice(0, id.lastIndexOf("/channels/")));
  const { partnerRegistrationFullyQualifiedId: registrationId } = isJsonObject(namespace?.["properties"])
    ? namespace["properties"]
    : {};
  const registration = await client.find(asText(registrationId));
  const { partnerRegistrationImmutableId = null } = isJsonObject(registration?.["properties"])
    ? registration["properties"]
    : {};
  const configuration = partnerConfigurationId();
  if ((await client.find(configuration)) === undefined)
    await client.put(configuration, { properties: { partnerAuthorization: {} } });
  await client.post(`${configuration}/authorizePartner`, { partnerRegistrationImmutableId });
}
