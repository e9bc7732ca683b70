import type { Clock } from "../../ports/clock.ts";
import type { DeliveryQueue } from "../../ports/delivery-queue.ts";
import type { Random } from "../../ports/random.ts";
import type { ResourceStore } from "../../ports/resource-store.ts";
import type { Subscriber } from "../../core/subscriber.ts";
import type { Handshakes } from "../lifecycle/handshakes.ts";
import type { ResourceDirectory } from "../directory/resource-directory.ts";

export interface ControlPlaneDependencies {
  readonly directory: ResourceDirectory;
  readonly resources: ResourceStore;
  readonly queue: DeliveryQueue;
  readonly handshakes: Handshakes;
  readonly clock: Clock;
  readonly random: Random;
  /** Azure's limits on numbers and lengths do not hold. */
  readonly relaxedLimits?: boolean;
  /** Whether tokens for an audience are good at this server itself. */
  readonly isOwnAudience?: ((audience: string) => boolean) | undefined;
  /** Called with each subscriber whose event subscription was deleted. */
  readonly onSubscriberRemoved?: (subscriber: Subscriber) => void;
}
