import { isJsonObject, type JsonObject, type JsonValue } from "../../core/json.ts";
import type { DeployedResource, DeploymentResource } from "../../core/resources/resources.ts";
import { READ_ENVELOPE, TRACKED } from "../body/envelope.ts";
import {
  changes,
  evaluatedJson,
  json,
  mapOf,
  object,
  oneOf,
  refuse,
  type Member,
  type ObjectMember,
} from "../body/members.ts";
import { formatTime, SECOND_MS, type EpochMs } from "../../core/time.ts";

/** Body of a deployment. */
export interface DeploymentBody {
  readonly location?: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly properties?: {
    readonly template?: JsonValue;
    readonly templateLink?: JsonValue;
    /** Parameters by name, each with a `value` or a `reference`, one of which may be `null`. */
    readonly parameters?: Readonly<Record<string, JsonObject>>;
    readonly parametersLink?: JsonValue;
    readonly mode?: "Incremental" | "Complete";
  };
}

const PARAMETER_MEMBERS = changes({ value: evaluatedJson, reference: json }, ["metadata"]);
/** Parameters are not repeated in errors: a value may be a secret, even if it was sent without the object around it. */
const PARAMETER: Member<JsonObject> = {
  read: (value, at, notes) =>
    isJsonObject(value) ? PARAMETER_MEMBERS.read(value, at, notes) : refuse(at, "an object with a 'value'"),
};

/** Body of a deployment, a validation or a `whatIf` call. */
export const DEPLOYMENT_BODY: ObjectMember<DeploymentBody> = object(
  {
    ...TRACKED,
    properties: object(
      {
        template: evaluatedJson,
        templateLink: json,
        parameters: mapOf(PARAMETER),
        parametersLink: json,
        mode: oneOf(["Incremental", "Complete"]),
      },
      ["debugSetting", "expressionEvaluationOptions", "validationLevel", "whatIfSettings"],
    ),
  },
  READ_ENVELOPE,
);

/** Returns a deployment as clients see it. Source: [ARM-DEPLOYMENT] */
export function readDeployment({ id, name, location, properties }: DeploymentResource): JsonObject {
  const { state, mode, startedAt, endedAt, correlationId, templateHash, parameters, outputs, resources } = properties;
  const isOfSubscription = !/\/resourceGroups\//i.test(id);
  return {
    id,
    name,
    type: "Microsoft.Resources/deployments",
    ...(isOfSubscription ? { location } : {}),
    properties: {
      templateHash,
      parameters,
      mode,
      provisioningState: state,
      timestamp: formatTime(endedAt ?? startedAt),
      duration: duration(startedAt, endedAt ?? startedAt),
      correlationId,
      providers: providersOf(resources),
      dependencies: [],
      outputs,
      outputResources: state === "Succeeded" ? resources.map((resource) => ({ id: resource.id })) : [],
      ...(properties.error === undefined ? {} : { error: properties.error }),
    },
  };
}

/** Returns the operations of a deployment as clients see them. Source: [ARM-DEPLOYMENT-OPERATIONS] */
export function readOperations({ id, properties }: DeploymentResource): JsonObject[] {
  return properties.operations.map(({ target, at, error }, index) => {
    const operationId = `${properties.correlationId}-${index}`;
    return {
      id: `${id}/operations/${operationId}`,
      operationId,
      properties: {
        provisioningOperation: "Create",
        provisioningState: error === undefined ? "Succeeded" : "Failed",
        timestamp: formatTime(at),
        duration: duration(properties.startedAt, at),
        statusCode: error === undefined ? "OK" : "BadRequest",
        targetResource: { id: target.id, resourceType: target.type, resourceName: target.name },
        ...(error === undefined ? {} : { statusMessage: { status: "Failed", error } }),
      },
    };
  });
}

/** Returns a duration in ISO 8601. */
function duration(from: EpochMs, to: EpochMs): string {
  return `PT${Math.max(0, to - from) / SECOND_MS}S`;
}

function providersOf(resources: readonly DeployedResource[]): JsonObject[] {
  const types = new Map<string, Set<string>>();
  for (const { type } of resources) {
    const [namespace = "", ...rest] = type.split("/");
    types.set(namespace, (types.get(namespace) ?? new Set()).add(rest.join("/")));
  }
  return Array.from(types, ([namespace, names]) => ({
    namespace,
    resourceTypes: Array.from(names, (resourceType) => ({ resourceType, locations: [null] })),
  }));
}
