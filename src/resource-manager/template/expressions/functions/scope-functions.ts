import type { JsonValue } from "../../../../core/json.ts";
import { formatTime } from "../../../../core/time.ts";
import type { Evaluation } from "../evaluation.ts";
import { invalidExpression } from "../../template-error.ts";
import { eager, type Arguments, type FunctionTable } from "./function.ts";

const MANY = Number.POSITIVE_INFINITY;

/** Functions that know the deployment, its resources and its loops. Source: [ARM-TEMPLATE-FUNCTIONS] */
export const SCOPE_FUNCTIONS: FunctionTable = {
  parameters: eager("parameters", 1, 1, (args, evaluation) => evaluation.parameter(args.text(0))),
  variables: eager("variables", 1, 1, (args, evaluation) => evaluation.variable(args.text(0))),
  copyindex: eager("copyIndex", 0, 2, copyIndex),
  resourcegroup: eager("resourceGroup", 0, 0, resourceGroup),
  subscription: eager("subscription", 0, 0, (_args, { scope }) => ({
    id: `/subscriptions/${scope.subscriptionId}`,
    subscriptionId: scope.subscriptionId,
    tenantId: scope.tenantId,
    displayName: scope.subscriptionId,
  })),
  tenant: eager("tenant", 0, 0, (_args, { scope }) => ({ tenantId: scope.tenantId, displayName: scope.tenantId })),
  deployment: eager("deployment", 0, 0, deployment),
  environment: eager("environment", 0, 0, () => ({ name: "AzureCloud", suffixes: { storage: "core.windows.net" } })),
  resourceid: eager("resourceId", 2, MANY, resourceIdFunction),
  subscriptionresourceid: eager("subscriptionResourceId", 2, MANY, subscriptionResourceId),
  tenantresourceid: eager("tenantResourceId", 2, MANY, (args) => idWithin("", texts(args))),
  extensionresourceid: eager("extensionResourceId", 3, MANY, (args) => {
    const [base = "", ...rest] = texts(args);
    return idWithin(base, rest);
  }),
  reference: eager("reference", 1, 3, (args, evaluation) =>
    evaluation.reference(args.text(0), args.optionalText(1), args.optionalText(2)?.toLowerCase() === "full"),
  ),
  utcnow: eager("utcNow", 0, 1, utcNow),
};

function copyIndex(args: Arguments, evaluation: Evaluation): number {
  const named = typeof args.all[0] === "string";
  const index = evaluation.copyIndex(named ? args.text(0) : undefined);
  if (index === undefined) {
    throw invalidExpression("The template function 'copyIndex' is not expected at this location");
  }
  return index + (args.optionalInteger(named ? 1 : 0) ?? 0);
}

function resourceGroup(_args: Arguments, { scope }: Evaluation): JsonValue {
  const group = scope.resourceGroup;
  if (group === undefined) {
    throw invalidExpression("The template function 'RESOURCEGROUP' is not expected at this location");
  }
  return { ...group, type: "Microsoft.Resources/resourceGroups", properties: { provisioningState: "Succeeded" } };
}

function deployment(_args: Arguments, { scope }: Evaluation): JsonValue {
  const { name, location } = scope.deployment;
  return { name, ...(location === undefined ? {} : { location }), properties: { mode: "Incremental" } };
}

/** `resourceId([subscriptionId], [resourceGroup], type, name, …)` */
function resourceIdFunction(args: Arguments, { scope }: Evaluation): string {
  const parts = texts(args);
  const typeAt = parts.findIndex((part) => part.includes("/"));
  const before = parts.slice(0, Math.max(typeAt, 0));
  const group = before.at(-1) ?? scope.resourceGroup?.name;
  const subscriptionId = before.length > 1 ? (before[0] ?? "") : scope.subscriptionId;
  const base = group === undefined ? "" : `/resourceGroups/${group}`;
  return idWithin(`/subscriptions/${subscriptionId}${base}`, parts.slice(before.length));
}

/** `subscriptionResourceId([subscriptionId], type, name, …)` */
function subscriptionResourceId(args: Arguments, { scope }: Evaluation): string {
  const parts = texts(args);
  const hasSubscription = !(parts[0] ?? "").includes("/");
  return idWithin(
    `/subscriptions/${hasSubscription ? parts[0] : scope.subscriptionId}`,
    hasSubscription ? parts.slice(1) : parts,
  );
}

/** `{base}/providers/{provider}/{type}/{name}/{subtype}/{name}…` */
export function idWithin(base: string, [type = "", ...names]: readonly string[]): string {
  const [provider = "", ...types] = type.split("/");
  if (types.length !== names.length || types.length === 0) {
    throw invalidExpression(
      `Unable to evaluate template language function 'resourceId': the type '${type}' requires '${types.length}' resource name argument(s)`,
    );
  }
  return `${base}/providers/${provider}${types.map((name, index) => `/${name}/${names[index] ?? ""}`).join("")}`;
}

function texts(args: Arguments): string[] {
  return args.all.map((_, index) => args.text(index));
}

/** The usual format letters of .NET; without a format, the service's basic ISO 8601. */
function utcNow(args: Arguments, { scope }: Evaluation): string {
  const [date = "", time = ""] = formatTime(scope.now).split("T");
  const [year = "", month = "", day = ""] = date.split("-");
  const [hour = "", minute = "", rest = ""] = time.split(":");
  const second = rest.slice(0, 2);
  const format = args.optionalText(0) ?? "yyyyMMddTHHmmssZ";
  if (format === "u") return `${date} ${hour}:${minute}:${second}Z`;
  if (format === "d") return `${Number(month)}/${Number(day)}/${year}`;
  if (/^[oO]$/.test(format)) return `${date}T${hour}:${minute}:${second}.0000000Z`;
  const values: Readonly<Record<string, string>> = { yyyy: year, MM: month, dd: day, HH: hour, mm: minute, ss: second };
  return format.replaceAll(/yyyy|MM|dd|HH|mm|ss/g, (letters) => values[letters] ?? letters);
}
