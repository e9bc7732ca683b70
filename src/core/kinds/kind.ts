import type { InputSchema } from "../event.ts";
import type { QuotaLimits } from "../limits.ts";
import type { Desired, Keyed, ResourceBase } from "../resources/base.ts";
import type { ResourceProblem } from "../rules/problem.ts";
import type { EpochMs } from "../time.ts";

/** Facts that the rules use in addition to the resource. */
export interface RuleContext {
  readonly now: EpochMs;
  /** Schema of the events of a subscription's source; `undefined` if it is not known. */
  readonly inputSchema: InputSchema | undefined;
  /** Number of other event subscriptions of the same source. */
  readonly subscriptionsOfSource: number;
  /** Whether no resource has this id yet. Names and numbers of existing resources are not checked again. */
  readonly isNew: boolean;
  /** Whether the configuration file declares the resource. */
  readonly declared?: boolean;
  /** Whether limits on numbers and lengths are raised. [EG-LIMITS-RELAXED] */
  readonly relaxed?: boolean;
  /** Number of stored resources of all kinds; unset if it is not known. */
  readonly resources?: number;
  /** Returns whether this server itself accepts tokens for an audience; unset if that is not known. */
  readonly isOwnAudience?: ((audience: string) => boolean) | undefined;
}

/** Location of the resources of a kind in the hierarchy of ids. */
export type Placement =
  /** In a resource group, and in the list of its resources. */
  | { readonly kind: "group" }
  /** Below a resource of another kind. */
  | { readonly kind: "parent"; readonly parent: string }
  /** In an Azure subscription: a resource group. */
  | { readonly kind: "subscription" }
  /** On any resource. */
  | { readonly kind: "extension" }
  /** In a resource group or an Azure subscription, but not in the list of its resources. */
  | { readonly kind: "record" };

/** Relations by which resources are found, other than by id. */
export type Relation =
  /** Resources with an address of their own, by type and name. */
  | "name"
  /** Resources with a quota in their region, by type, Azure subscription and region. */
  | "region"
  /** Children, by the id of their parent. */
  | "parent"
  /** System topics, by the id of their source. */
  | "source"
  /** Channels, by the id of their namespace and the source of their events. */
  | "channelSource"
  /** Channels, by the id of their partner topic. */
  | "partnerTopic"
  /** Partner namespaces, by the id of their registration. */
  | "registration"
  /** Role assignments, by the id of their scope. */
  | "scope";

/** Entry of a resource in the directory: a relation, and the key under which the resource is found. */
export type DirectoryPlace = readonly [relation: Relation, key: string];

/** Endpoint to which events are published. */
export interface PublishEndpoint {
  /** First segment of the short address: `/topics/{name}/api/events`. */
  readonly segment: string;
}

/** The part of a resource that the table of kinds uses. */
type Shape = ResourceBase<string, unknown>;

/**
 * Facts about one kind of resource that all layers use. Its wire form is in `resource-manager/wire`; its behaviour
 * when it is written and deleted is in `engine/control-plane/kinds`. Every member is required, so that the compiler
 * reports each kind that lacks a new fact. `PLAIN` has the values of ordinary kinds.
 *
 * Members that take a resource are methods, so that the type of one kind is assignable to that of any kind, as
 * `kindOf` needs.
 */
export interface ResourceKind<
  Stored extends Shape,
  Wanted = Desired<Stored>,
  Endpoint extends PublishEndpoint | undefined = undefined,
> {
  readonly type: Stored["type"];
  /** Name in messages, for example `domain topic`. */
  readonly noun: string;
  readonly placement: Placement;
  /** Source of the location: chosen by the caller, inherited from the parent or source, or `global` for none. */
  readonly location: "chosen" | "inherited" | "global";
  /** Length of a generated access key in bytes, before Base64; `undefined` for a kind without keys. */
  readonly keyBytes: Stored extends Keyed ? number : undefined;
  /** Endpoint for publishing, for a kind that has one. */
  readonly endpoint: Endpoint;
  /** Quota for one region of an Azure subscription. Names are unique in that region, too. */
  readonly regionQuota: keyof QuotaLimits | undefined;
  /** Whether event subscriptions have a path below a resource of this kind: `…/topics/{name}/eventSubscriptions`. */
  readonly subscribable: boolean;
  /**
   * Returns the id by which the events of a resource are routed. Subscriptions to the resource have it as their topic.
   */
  eventSource(resource: Wanted): string;
  /** Returns whether the events of a resource are routed to its subscribers. */
  isOpen(resource: Wanted): boolean;
  /** Returns the id of the source whose events a resource receives, or `undefined` if it receives none. */
  listensTo(resource: Wanted): string | undefined;
  /**
   * Returns the schema of the events that are published to a resource, or `undefined` if another resource determines
   * it.
   */
  inputSchema(resource: Wanted): InputSchema | undefined;
  /** Returns the time at which a resource expires, or `undefined` if it does not. */
  endsAt(resource: Wanted): EpochMs | undefined;
  /** Returns the entries of a resource in the directory, other than its id. */
  places(resource: Stored): readonly DirectoryPlace[];
  /** Returns all violations of the rules by a resource. Never throws for an invalid value. */
  rules(desired: Wanted, context: RuleContext): readonly ResourceProblem[];
}

/** Facts about a kind without an endpoint and an expiration time, whose resources are found by id only. */
interface PlainFacts {
  readonly endpoint: undefined;
  readonly regionQuota: undefined;
  readonly subscribable: false;
  eventSource(resource: Pick<Shape, "id">): string;
  isOpen(): true;
  listensTo(): undefined;
  inputSchema(): undefined;
  endsAt(): undefined;
  places(): readonly DirectoryPlace[];
}

/** Facts that most kinds have in common. */
export const PLAIN: PlainFacts = {
  endpoint: undefined,
  regionQuota: undefined,
  subscribable: false,
  eventSource: ({ id }) => id,
  isOpen: () => true,
  listensTo: () => undefined,
  inputSchema: () => undefined,
  endsAt: () => undefined,
  places: () => [],
};
