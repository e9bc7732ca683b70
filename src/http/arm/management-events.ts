import { managementEvent, type OperationOutcome } from "../../resource-manager/management-event.ts";
import type { ArmOperation } from "../../resource-manager/operation.ts";
import { RingmainError, toError, type ErrorCode } from "../../core/errors.ts";
import { resourceGroupId } from "../../core/resources/resource-id.ts";
import type { Engine } from "../../engine/engine.ts";
import type { Logger } from "../../ports/logger.ts";
import type { ArmAnswer, ArmCall } from "./arm-call.ts";

/** Errors of calls that name no resource that could be written: they raise no event. */
const NO_OPERATION: ReadonlySet<ErrorCode> = new Set([
  "method_not_allowed",
  "invalid_resource_type",
  "invalid_resource_namespace",
  "invalid_resource_name",
]);
/** POST calls that only read. */
const ASKING = /\/checkNameAvailability\/action$/i;
/** The operation whose event is raised when the deployment ends, not when the call does. */
const DEPLOYMENT = "Microsoft.Resources/deployments/write";

/**
 * Carries out a call and raises its management event, for the event subscriptions of its resource group and of its
 * Azure subscription. The event is durable before the call returns. An event that cannot be stored is logged, and the
 * call succeeds nevertheless, because its work is done. Source: [EG-RESOURCE-EVENT], [EG-RESOURCE-EVENT-SCOPE]
 */
export async function withEvent(
  call: ArmCall,
  operation: ArmOperation | undefined,
  logger: Logger,
  carryOut: () => Promise<ArmAnswer>,
): Promise<ArmAnswer> {
  if (operation === undefined || operation.kind === "read" || ASKING.test(operation.name)) return carryOut();
  try {
    const answer = await carryOut();
    if (operation.name !== DEPLOYMENT) await raise(call, operation, "Succeeded", logger);
    return answer;
  } catch (thrown) {
    const isNone = thrown instanceof RingmainError && NO_OPERATION.has(thrown.code);
    if (!isNone) await raise(call, operation, "Failed", logger);
    throw thrown;
  }
}

/** Raises the event of an operation that has ended. Never rejects. */
export async function raise(
  call: ArmCall,
  operation: ArmOperation,
  outcome: OperationOutcome,
  logger: Logger,
): Promise<void> {
  const { engine, clock, random, caller, method, path, origin, query } = call;
  const sources = listenedTo(engine, call);
  if (sources.length === 0) return;
  const url = `${origin}${path.path}?api-version=${encodeURIComponent(query.get("api-version") ?? "")}`;
  const event = managementEvent(
    {
      operation,
      outcome,
      subscriptionId: path.subscriptionId ?? "",
      endedAt: clock.now(),
      correlationId: caller.correlationId,
      evidence: caller.manager.grant(operation.name, operation.resourceId) ?? {},
      claims: caller.manager.claims,
      request: { method, url, clientRequestId: caller.clientRequestId, clientAddress: caller.address },
    },
    random.uuid(),
  );
  if (event === undefined) return;
  for (const source of sources) {
    try {
      await engine.publishSystemEvents(source, [event]);
    } catch (thrown) {
      logger.error("management_event_lost", { source, operation: operation.name, error: toError(thrown).message });
    }
  }
}

/** Returns the ids of the call's resource group and Azure subscription, if they have event subscriptions. */
function listenedTo({ directory }: Engine, { path }: ArmCall): string[] {
  const { subscriptionId, resourceGroup } = path;
  if (subscriptionId === undefined) return [];
  const group = resourceGroup === undefined ? [] : [resourceGroupId({ subscriptionId, resourceGroup })];
  return [...group, `/subscriptions/${subscriptionId}`]
    .filter((source) => directory.subscriptionCountOf(source) > 0)
    .map((source) => directory.get(source)?.resource.id ?? source);
}
