import type { InputSchema } from "../event.ts";
import type { QuotaLimits } from "../limits.ts";
import type { Desired, Keyed, ResourceBase } from "../resources/base.ts";
import type { ResourceProblem } from "../rules/problem.ts";
import type { EpochMs } from "../time.ts";

/** The facts that rules use beyond the resource itself. */
export interface RuleContext {
  readonly now: EpochMs;
  /** The schema of the events that a subscription's source raises; `undefined` when it is not known. */
  readonly inputSchema: InputSchema | undefined;
  /** Number of event subscriptions that this one's source already has, without it. */
  readonly subscriptionsOfSource: number;
  /** No resource has this id yet. Names and numbers of existing resources are not checked again. */
  readonly isNew: boolean;
  /** The resource is declared by the configuration file, not by a caller of the server. */
  readonly declared?: boolean;
  /** Limits on numbers and lengths are raised. [EG-LIMITS-RELAXED] */
  readonly relaxed?: boolean;
  /** Number of resources of all kinds that are stored; unset where that is not known. */
  readonly resources?: number;
  /** Returns whether an application is this server itself; unset where that is not known. */
  readonly isOwnAudience?: ((audience: string) => boolean) | undefined;
}

/** Where resources of a kind lie. */
export type Placement =
  /** In a resource group, and listed with its resources. */
  | { readonly kind: "group" }
  /** Below a resource of another kind. */
  | { readonly kind: "parent"; readonly parent: string }
  /** In an Azure subscription: a resource group. */
  | { readonly kind: "subscription" }
  /** On any resource. */
  | { readonly kind: "extension" }
  /** In a resource group or an Azure subscription; not listed with its resources. */
  | { readonly kind: "record" };

/** The ways to find resources other than by their ids. */
export type Relation =
  /** What has an address of its own, by type and name. */
  | "name"
  /** What has a quota in its region, by type, Azure subscription and region. */
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

/** One entry of a resource in the directory: a relation, and the key to find the resource by. */
export type DirectoryPlace = readonly [relation: Relation, key: string];

/** The endpoint that events are published to. */
export interface PublishEndpoint {
  /** First segment of the short address: `/topics/{name}/api/events`. */
  readonly segment: string;
}

/** A resource of any kind, as far as the table of kinds looks at it. */
type Shape = ResourceBase<string, unknown>;

/**
 * A kind of resource: everything that is true of it in every layer. Its wire form lies in `resource-manager/wire`, its
 * behaviour when it is written and deleted in `engine/control-plane/kinds`. Every member is required: the compiler names
 * the kinds that a new fact has not been decided for. `PLAIN` decides for those with nothing special.
 *
 * Members that take a resource are methods: a kind of one resource can then stand for a kind of any, as `kindOf` needs.
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
  /**
   * The location: a caller's choice (`chosen`), that of its parent or source (`inherited`), or none (`global`).
   */
  readonly location: "chosen" | "inherited" | "global";
  /** Bytes of a generated access key, before Base64; `undefined` for a kind without keys. */
  readonly keyBytes: Stored extends Keyed ? number : undefined;
  /** The endpoint of a kind that events are published to. */
  readonly endpoint: Endpoint;
  /** The limit on resources of an Azure subscription in one region, where names are unique too. */
  readonly regionQuota: keyof QuotaLimits | undefined;
  /** Event subscriptions have a path below a resource of this kind: `…/topics/{name}/eventSubscriptions`. */
  readonly subscribable: boolean;
  /** Returns the id that the events of a resource are routed by, and that its subscriptions name as their topic. */
  eventSource(resource: Stored): string;
  /** Returns whether a resource passes the events of its source on to subscribers. */
  isOpen(resource: Wanted): boolean;
  /** Returns the id of the source that a resource receives events of; `undefined` for what receives none. */
  listensTo(resource: Wanted): string | undefined;
  /** Returns the schema of the events that are published to a resource; `undefined` where another resource says. */
  inputSchema(resource: Wanted): InputSchema | undefined;
  /** Returns the time at which a resource is deleted by itself. */
  endsAt(resource: Wanted): EpochMs | undefined;
  /** Returns the entries by which the directory finds a resource other than by its id. */
  places(resource: Stored): readonly DirectoryPlace[];
  /** Returns everything about a resource that the protocol does not allow. Never throws for a wrong value. */
  rules(desired: Wanted, context: RuleContext): readonly ResourceProblem[];
}

/** The facts of a kind that events are not published to, that does not end by itself and is found by its id alone. */
interface PlainFacts {
  readonly endpoint: undefined;
  readonly regionQuota: undefined;
  readonly subscribable: false;
  eventSource(resource: Shape): string;
  isOpen(): true;
  listensTo(): undefined;
  inputSchema(): undefined;
  endsAt(): undefined;
  places(): readonly DirectoryPlace[];
}

/** Facts that most kinds share. */
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
