import type { DeployedResource, DeploymentProperties } from "../../core/resources/resources.ts";
import type { NotedMembers } from "../body/body-notes.ts";
import type { DeploymentOutcome, DeploymentTarget } from "./deploy-template.ts";
import type { DeploymentScope } from "./expressions/evaluation.ts";

/** A deployment as a client sent it. */
export interface SentDeployment {
  /** The request's body, `{location, properties: {template, parameters, mode}}`, in the form of template files. */
  readonly body: Uint8Array;
  readonly name: string;
  readonly scope: Omit<DeploymentScope, "deployment">;
}

/** The members of a deployment's body beside its template and parameters. */
export interface DeploymentOrder {
  readonly mode: DeploymentProperties["mode"];
  readonly location: string | undefined;
  /** Depends on what the template says, not on how it is written. */
  readonly templateHash: string;
  /** Members of the body that have no effect. */
  readonly notes: NotedMembers;
}

/** One deployment on its way. Every method rejects with a `TemplateError` when the template is at fault. */
export interface TemplateSession {
  readonly order: DeploymentOrder;
  /** Checks the template as far as nothing needs to be deployed for it. */
  validate(): Promise<readonly DeployedResource[]>;
  /** Deploys the template. Rejects with what the target rejected with, too. */
  deploy(target: DeploymentTarget): Promise<DeploymentOutcome>;
  /** Ends what is under way and releases what the session holds. Idempotent. */
  close(): void;
}

/** Evaluates templates. */
export interface TemplateEvaluator {
  /**
   * Reads a deployment's body. Rejects with a `TemplateError`, or with `invalid_template`, `invalid_request_content`,
   * `location_required` or, when too much is under way, `too_many_requests`. The caller closes the session.
   *
   * @param caller of the request: one caller cannot keep the others from deploying
   */
  open(sent: SentDeployment, caller: string): Promise<TemplateSession>;
}
