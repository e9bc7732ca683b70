import { RingmainError } from "../../../core/errors.ts";
import type {
  DesiredOf,
  DesiredResource,
  Resource,
  ResourceOf,
  ResourceType,
} from "../../../core/resources/resources.ts";
import type { EpochMs } from "../../../core/time.ts";
import type { ResourceDirectory } from "../../directory/resource-directory.ts";
import type { AttachedTopics } from "../attached-topics.ts";
import type { ControlPlaneDependencies } from "../dependencies.ts";

/** Facts for the check of a resource against other resources. */
export interface RelationContext {
  readonly directory: ResourceDirectory;
  readonly now: EpochMs;
  readonly isNew: boolean;
  readonly relaxed: boolean;
}

/** Means to change the resources that belong to a resource. */
export interface Attachments {
  readonly dependencies: ControlPlaneDependencies;
  readonly topics: AttachedTopics;
  /** Creates or replaces a resource. */
  readonly put: (desired: DesiredResource) => Promise<unknown>;
}

/**
 * Behaviour of one kind of resource when its resources are written and deleted. The members are methods, not function
 * properties, so that the type of one kind is assignable to that of any kind, as `managedKind` needs.
 */
interface KindBehaviour<Stored extends Resource, Wanted extends DesiredResource> {
  /**
   * Adds the members that only Ringmain sets, and keeps those that it set before. Throws `invalid_request` if a member
   * that cannot change has changed.
   *
   * @param before the stored resource
   */
  complete(desired: Wanted, before: Stored | undefined, completion: Completion): Stored;
  /**
   * Returns names that no other resource may share with this one, beside its id. Writes that claim the same name take
   * turns, so each one is checked against the result of the others.
   */
  claims(desired: Wanted): readonly string[];
  /**
   * Checks a valid resource against other resources. Throws `not_found` (no such parent), `conflict`,
   * `role_assignment_exists`, `account_name_taken` or `forbidden`.
   */
  checkRelations(desired: Wanted, context: RelationContext): void;
  /** Starts the work that follows a change of a resource. Does not wait for it. */
  written(resource: Stored, dependencies: ControlPlaneDependencies): void;
  /**
   * Creates the resources that belong to a resource. Also called if the resource did not change: a crash may have come
   * in between.
   */
  attach(resource: Stored, attachments: Attachments): Promise<void>;
  /** Throws `conflict` if a resource cannot be deleted because others need it. */
  checkRemoval(resource: Stored, directory: ResourceDirectory): void;
  /** Returns the ids of the resources that are deleted with a resource, other than its children and subscriptions. */
  contents(resource: Stored, directory: ResourceDirectory): readonly string[];
  /** Returns whether the subscriptions to a resource's events are deleted with it. */
  ownsSubscriptions(resource: Stored, directory: ResourceDirectory): boolean;
  /** Cleans up after a resource has been deleted. */
  removed(resource: Stored, attachments: Attachments): Promise<void>;
}

/** Behaviour of the kind with this type name. */
export type BehaviourOf<Type extends ResourceType> = KindBehaviour<ResourceOf<Type>, DesiredOf<Type>>;

/** Values for completing a resource. */
export interface Completion {
  readonly dependencies: ControlPlaneDependencies;
  /** Uid of the stored resource, or a new one. */
  readonly uid: string;
}

type Unrelated = Omit<BehaviourOf<ResourceType>, "complete">;

/** Default behaviour: a kind that depends on no other kind and creates no other resources. */
export const UNRELATED: Unrelated = {
  claims: () => [],
  checkRelations: () => {},
  written: () => {},
  attach: () => Promise.resolve(),
  checkRemoval: () => {},
  contents: () => [],
  ownsSubscriptions: () => true,
  removed: () => Promise.resolve(),
};

/** Returns the error for a parent, or another required resource, that does not exist. */
export function missingRelation(noun: string, id: string): RingmainError {
  return new RingmainError("not_found", `The ${noun} '${id}' was not found.`);
}
