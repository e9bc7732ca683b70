import type { Clock } from "../../ports/clock.ts";
import type { DeliveryQueue } from "../../ports/delivery-queue.ts";
import type { Random } from "../../ports/random.ts";
import type { ResourceStore } from "../../ports/resource-store.ts";
import type { Subscriber } from "../../core/subscriber.ts";
import type { Handshakes } from "../lifecycle/handshakes.ts";
import type { ResourceDirectory } from "../directory/resource-directory.ts";

/** Collaborators and settings of the control plane. */
export interface ControlPlaneDependencies {
  readonly directory: ResourceDirectory;
  readonly resources: ResourceStore;
  readonly queue: DeliveryQueue;
  readonly handshakes: Handshakes;
  readonly clock: Clock;
  readonly random: Random;
  /** If true, Azure's limits on numbers and lengths do not apply. */
  readonly relaxedLimits?: boolean;
  /** Returns whether this server itself accepts tokens for an audience. */
  readonly isOwnAudience?: ((audience: string) => boolean) | undefined;
  /** Called with each subscriber whose event subscription was deleted. */
  readonly onSubscriberRemoved?: (subscriber: Subscriber) => void;
}
