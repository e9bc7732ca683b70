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
  /** Hash of the template's content, independent of its formatting. */
  readonly templateHash: string;
  /** Members of the body that have no effect. */
  readonly notes: NotedMembers;
}

/** One open deployment. Its methods reject with a `TemplateError` if the template is at fault. */
export interface TemplateSession {
  readonly order: DeploymentOrder;
  /** Checks the template as far as possible without deploying it. */
  validate(): Promise<readonly DeployedResource[]>;
  /** Deploys the template. Also rejects with errors of the target. */
  deploy(target: DeploymentTarget): Promise<DeploymentOutcome>;
  /** Aborts work in progress and releases the session's resources. Idempotent. */
  close(): void;
}

/** Evaluator of templates. */
export interface TemplateEvaluator {
  /**
   * Reads a deployment's body and opens a session, which must be closed. Rejects with a `TemplateError`, or with
   * `invalid_template`, `invalid_request_content`, `location_required` or, if too many deployments are in progress,
   * `too_many_requests`.
   *
   * @param caller id of the client, so that one client cannot keep others from deploying
   */
  open(sent: SentDeployment, caller: string): Promise<TemplateSession>;
}
