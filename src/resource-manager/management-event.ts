import type { SystemEvent } from "../core/event.ts";
import { DEFAULT_TENANT_ID } from "../core/resources/resource-id.ts";
import type { EpochMs } from "../core/time.ts";
import type { ArmOperation } from "./operation.ts";

/** Outcome of a management operation. */
export type OperationOutcome = "Succeeded" | "Failed" | "Canceled";

/** A management operation that has ended. */
export interface EndedOperation {
  readonly operation: ArmOperation;
  readonly outcome: OperationOutcome;
  readonly subscriptionId: string;
  readonly endedAt: EpochMs;
  readonly correlationId: string;
  /** The role assignment that allowed the operation. */
  readonly evidence: Readonly<Record<string, string>>;
  readonly claims: Readonly<Record<string, string>>;
  readonly request: {
    readonly method: string;
    readonly url: string;
    readonly clientRequestId: string | undefined;
    readonly clientAddress: string | undefined;
  };
}

const KINDS = { write: "Write", delete: "Delete", action: "Action" } as const;
const OUTCOMES = { Succeeded: "Success", Failed: "Failure", Canceled: "Cancel" } as const;

/** Returns the event for an operation; `undefined` for a read. Source: [EG-RESOURCE-EVENT] */
export function managementEvent(ended: EndedOperation, id: string): SystemEvent | undefined {
  const { operation, outcome, request } = ended;
  const { kind, name, provider, resourceId } = operation;
  if (kind === "read") return undefined;
  return {
    id,
    eventType: `Microsoft.Resources.Resource${KINDS[kind]}${OUTCOMES[outcome]}`,
    subject: resourceId,
    eventTime: ended.endedAt,
    dataVersion: "2",
    data: {
      authorization: { scope: resourceId, action: name, evidence: { ...ended.evidence } },
      claims: { ...ended.claims },
      correlationId: ended.correlationId,
      httpRequest: {
        clientRequestId: request.clientRequestId ?? "",
        clientIpAddress: request.clientAddress ?? "",
        method: request.method,
        url: request.url,
      },
      resourceProvider: provider,
      resourceUri: resourceId,
      operationName: name,
      status: outcome,
      subscriptionId: ended.subscriptionId,
      tenantId: DEFAULT_TENANT_ID,
    },
  };
}
