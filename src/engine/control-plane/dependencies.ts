import type { Clock } from "../../ports/clock.ts";
import type { DeliveryQueue } from "../../ports/delivery-queue.ts";
import type { Random } from "../../ports/random.ts";
import type { ResourceStore } from "../../ports/resource-store.ts";
import type { EventSubscriptionResource } from "../../core/resources/resources.ts";
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
  /** Told of each subscription that is gone. */
  readonly onSubscriptionDeleted?: (subscription: EventSubscriptionResource) => void;
}
