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

/** The facts that a resource is checked with against the others. */
export interface RelationContext {
  readonly directory: ResourceDirectory;
  readonly now: EpochMs;
  readonly isNew: boolean;
  readonly relaxed: boolean;
}

/** The means to change what belongs to a resource. */
export interface Attachments {
  readonly dependencies: ControlPlaneDependencies;
  readonly topics: AttachedTopics;
  /** Creates a resource, or replaces it. */
  readonly put: (desired: DesiredResource) => Promise<unknown>;
}

/**
 * The behaviour of one kind of resource when it is written and deleted. Methods, so that the behaviour of one kind can
 * stand for that of any, as `managedKind` needs.
 */
interface KindBehaviour<Stored extends Resource, Wanted extends DesiredResource> {
  /**
   * Adds to a resource what only Ringmain sets, keeping what it set before. Throws `invalid_request` for a change of
   * what cannot be changed.
   *
   * @param before the resource as it is stored
   */
  complete(desired: Wanted, before: Stored | undefined, completion: Completion): Stored;
  /**
   * Returns the things, beyond its own id, that no other resource may have beside this one. Writes that claim the same
   * thing take turns, so that each is checked against the results of the others.
   */
  claims(desired: Wanted): readonly string[];
  /**
   * Checks a resource, right in itself, against the others. Throws `not_found` (no such parent), `conflict`,
   * `role_assignment_exists`, `account_name_taken` or `forbidden`.
   */
  checkRelations(desired: Wanted, context: RelationContext): void;
  /** Begins what a change of a resource leads to. */
  written(resource: Stored, dependencies: ControlPlaneDependencies): void;
  /** Creates what comes with a resource, also where a crash came between the two. */
  attach(resource: Stored, attachments: Attachments): Promise<void>;
  /** Throws `conflict` for a resource that cannot be deleted while others need it. */
  checkRemoval(resource: Stored, directory: ResourceDirectory): void;
  /** Returns the ids of the resources that are deleted with a resource, its children and subscriptions aside. */
  contents(resource: Stored, directory: ResourceDirectory): readonly string[];
  /** Returns whether the subscriptions to a resource's events are deleted with it. */
  ownsSubscriptions(resource: Stored, directory: ResourceDirectory): boolean;
  /** Ends what is left of a resource that has been deleted. */
  removed(resource: Stored, attachments: Attachments): Promise<void>;
}

/** The behaviour of the kind of this type. */
export type BehaviourOf<Type extends ResourceType> = KindBehaviour<ResourceOf<Type>, DesiredOf<Type>>;

/** The facts that a resource is completed with. */
export interface Completion {
  readonly dependencies: ControlPlaneDependencies;
  /** That of the stored resource, or a new one. */
  readonly uid: string;
}

type Unrelated = Omit<BehaviourOf<ResourceType>, "complete">;

/** The behaviour of a kind that depends on no other, and that nothing comes with. */
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

/** Returns the error for a parent, or another resource that is needed, that does not exist. */
export function missingRelation(noun: string, id: string): RingmainError {
  return new RingmainError("not_found", `The ${noun} '${id}' was not found.`);
}
