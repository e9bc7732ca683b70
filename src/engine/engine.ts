import { deadLetterQueueName, deliveryQueueName, ownerOf, type QueueName } from "../core/delivery.ts";
import type { PublishedEvent } from "../core/event.ts";
import { batchingOf } from "../core/destinations/destination-facts.ts";
import { DESTINATION_KINDS } from "../core/destinations/index.ts";
import type { Resource } from "../core/resources/resources.ts";
import type { Subscriber } from "../core/subscriber.ts";
import { HEALTHY, type Health } from "../core/retry/probation.ts";
import { DEAD_LETTER_DELAY_MS } from "../core/retry/retry-policy.ts";
import type { Clock } from "../ports/clock.ts";
import type { QueueDepth } from "../ports/delivery-queue.ts";
import type { Destination } from "../ports/destination.ts";
import type { EngineEvent, EngineListener } from "../ports/engine-events.ts";
import type { EventSink, SystemEvent } from "../ports/event-source.ts";
import type { Logger } from "../ports/logger.ts";
import type { Random } from "../ports/random.ts";
import type { Store } from "../ports/store.ts";
import type { Tracer } from "../ports/tracer.ts";
import { background } from "./background.ts";
import { createControlPlane, type ControlPlane } from "./control-plane/control-plane.ts";
import type { BatchHandler } from "./dispatch/batch-handler.ts";
import { createDeadLetterHandler } from "./dispatch/dead-letter-handler.ts";
import { createDeliveryHandler } from "./dispatch/delivery-handler.ts";
import { Dispatcher, type DispatchLimits } from "./dispatch/dispatcher.ts";
import { Expirations } from "./lifecycle/expirations.ts";
import { DeletionNotices } from "./lifecycle/deletion-notices.ts";
import { Handshakes, type HandshakeDependencies } from "./lifecycle/handshakes.ts";
import { createObservers, type Observers } from "./observers.ts";
import { createPublish, type Publish } from "./publish.ts";
import { ResourceDirectory } from "./directory/resource-directory.ts";
import { isHeld } from "./routing/admission.ts";
import { Router } from "./routing/router.ts";

/** Opens the destinations of a subscriber. */
export interface DestinationFactory {
  open(subscriber: Subscriber): Destination;
  /** Opens the dead-letter destination. Returns `undefined` if the subscriber has none. */
  openDeadLetter(subscriber: Subscriber): Destination | undefined;
}

/** Collaborators and settings of the engine. */
export interface EngineDependencies {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly destinations: DestinationFactory;
  readonly limits: DispatchLimits;
  /** Whether a webhook receives events only after it has consented. */
  readonly enforceHandshake: boolean;
  /** If true, Azure's limits on numbers and lengths of resources do not apply. */
  readonly relaxedLimits?: boolean;
  /** Returns whether this server itself accepts tokens for an audience; unset if it accepts no tokens. */
  readonly isOwnAudience?: (audience: string) => boolean;
  /** Number of waiting deliveries at which publish requests are refused; unset for no limit. */
  readonly maxWaitingDeliveries?: number;
  /** Time from the last attempt to the dead letter, in milliseconds; unset for Azure's five minutes. */
  readonly deadLetterDelayMs?: number;
  /** Maximum time before a retry, in milliseconds; unset for Azure's schedule. [EG-RETRY-SHORT] */
  readonly maxRetryGapMs?: number;
  /** Maximum probation of an unhealthy endpoint in milliseconds; 0 for none. */
  readonly maxProbationMs: number;
  /** Whether deliveries that failed with status 403 are tried again. True by default. [EG-RETRY-FORBIDDEN] */
  readonly retryForbidden?: boolean;
  readonly validationUrl: HandshakeDependencies["validationUrl"];
  /** Tracer for attempts; unset if tracing is disabled. */
  readonly tracer?: Tracer | undefined;
  /** Encodes the observations of a source as events of its system topic. */
  readonly encodeSystemEvents: (sourceId: string, events: readonly SystemEvent[]) => readonly PublishedEvent[];
}

/** The engine: routes published events to queues, delivers them, and manages resources. */
export class Engine implements EventSink {
  readonly directory: ResourceDirectory;
  readonly router: Router;
  readonly controlPlane: ControlPlane;
  readonly handshakes: Handshakes;
  readonly publish: Publish;
  readonly #dependencies: EngineDependencies;
  readonly #observers: Observers;
  /** Has no limit on waiting deliveries: what a source reports has already happened, and it cannot repeat it later. */
  readonly #publishSystemEvents: Publish;
  readonly #dispatcher: Dispatcher;
  readonly #deletionNotices: DeletionNotices;
  readonly #expirations: Expirations;
  /** Health of endpoints that failed lately, by the uid of the subscription. */
  readonly #health = new Map<string, Health>();
  #loaded: Promise<void> | undefined;

  constructor(dependencies: EngineDependencies) {
    this.#dependencies = dependencies;
    const { store, clock, random, logger } = dependencies;
    this.#observers = createObservers(logger);
    const observers = this.#observers;
    this.directory = new ResourceDirectory(store.resources);
    const { directory } = this;
    // Must be the first listener of the directory, so that the other listeners never publish through an outdated
    // routing table.
    this.router = new Router({ directory, logger, enforceHandshake: dependencies.enforceHandshake });
    this.#dispatcher = new Dispatcher({
      queue: store.queue,
      clock,
      logger,
      limits: dependencies.limits,
      resolve: (queue) => this.#resolve(queue),
    });
    this.handshakes = new Handshakes({
      directory,
      resources: store.resources,
      clock,
      random,
      logger,
      observers,
      enforced: dependencies.enforceHandshake,
      openDestination: (subscriber) => dependencies.destinations.open(subscriber),
      validationUrl: dependencies.validationUrl,
    });
    this.#deletionNotices = new DeletionNotices({
      clock,
      random,
      logger,
      openDestination: (subscriber) => dependencies.destinations.open(subscriber),
    });
    this.controlPlane = createControlPlane({
      onSubscriberRemoved: (subscriber) => this.#deletionNotices.send(subscriber),
      directory,
      resources: store.resources,
      queue: store.queue,
      handshakes: this.handshakes,
      clock,
      random,
      relaxedLimits: dependencies.relaxedLimits === true,
      isOwnAudience: dependencies.isOwnAudience,
    });
    this.#expirations = new Expirations({ directory, clock, logger, remove: (id) => this.controlPlane.delete(id) });
    const publishing = { router: this.router, queue: store.queue, clock, observers };
    const { maxWaitingDeliveries } = dependencies;
    this.publish = createPublish({ ...publishing, ...(maxWaitingDeliveries && { maxWaitingDeliveries }) });
    this.#publishSystemEvents = createPublish(publishing);
    directory.onChange((before, after) => this.#follow(before, after));
  }

  /** Loads the resources. From then on events are routed, and resources can be changed. Idempotent. */
  load(): Promise<void> {
    this.#loaded ??= this.directory.start();
    return this.#loaded;
  }

  /** Starts delivering, beginning with the deliveries that were left. May be called again after a rejection. */
  async start(): Promise<void> {
    await this.load();
    await this.#dispatcher.start();
    this.#expirations.start();
  }

  /** Stops the engine. Attempts in progress may end until `deadline` is aborted. */
  async stop(deadline: AbortSignal): Promise<void> {
    this.#expirations.stop();
    await this.handshakes.stop();
    await this.#deletionNotices.stop();
    await this.#dispatcher.stop(deadline);
    this.directory.stop();
  }

  /** Publishes events of a system topic. */
  async publishSystemEvents(sourceId: string, events: readonly SystemEvent[]): Promise<void> {
    await this.#publishSystemEvents(sourceId, this.#dependencies.encodeSystemEvents(sourceId, events));
  }

  /** Adds a listener to the events of the engine. Returns the function that removes it. */
  observe(listener: EngineListener): () => void {
    return this.#observers.add(listener);
  }

  /** Notifies the listeners of an event that the HTTP layer has seen: the response to a publish request. */
  notify(event: EngineEvent & { readonly kind: "publish-answered" }): void {
    this.#observers.notify(event);
  }

  /**
   * Resolves when every event that was published before the call has been delivered, has become a dead letter, or
   * waits for a retry.
   */
  async quiesce(): Promise<void> {
    const at = this.#dependencies.clock.now();
    await this.handshakes.idle();
    await this.#dispatcher.settled(at);
  }

  /** Resolves with the current numbers of waiting and locked deliveries in the queues of a subscriber. */
  async depths({
    uid,
  }: Pick<Subscriber, "uid">): Promise<{ readonly deliveries: QueueDepth; readonly deadLetters: QueueDepth }> {
    const { store, clock } = this.#dependencies;
    const now = clock.now();
    const [deliveries, deadLetters] = await Promise.all([
      store.queue.depth(deliveryQueueName(uid), now),
      store.queue.depth(deadLetterQueueName(uid), now),
    ]);
    return { deliveries, deadLetters };
  }

  /** Returns the health of a subscriber's endpoint. A change of the subscription resets it. [EG-PROBATION] */
  health({ uid }: Pick<Subscriber, "uid">): Health {
    return this.#health.get(uid) ?? HEALTHY;
  }

  /**
   * Resolves when nothing is in progress. Work that waits for a later time does not count. For tests with the manual
   * clock.
   */
  async idle(): Promise<void> {
    await this.#expirations.idle();
    await this.handshakes.idle();
    await this.#deletionNotices.idle();
    await this.#dispatcher.idle();
  }

  #resolve(queue: QueueName): BatchHandler | undefined {
    const { uid, holds } = ownerOf(queue);
    const subscriber = this.directory.subscriberByUid(uid);
    if (subscriber === undefined) return undefined;
    const { store, clock, random, logger, destinations } = this.#dependencies;
    const shared = {
      subscriber,
      queue: store.queue,
      clock,
      observers: this.#observers,
      wakeAt: this.#dispatcher.wakeAt,
      maxRetryGapMs: this.#dependencies.maxRetryGapMs ?? Number.POSITIVE_INFINITY,
    };
    if (holds === "dead_letters") {
      const destination = destinations.openDeadLetter(subscriber);
      return destination && createDeadLetterHandler({ ...shared, destination, logger });
    }
    return createDeliveryHandler({
      ...shared,
      random,
      destination: destinations.open(subscriber),
      batching: batchingOf(subscriber.destination),
      azureResource: DESTINATION_KINDS[subscriber.destination.endpointType].azureResource,
      held: () => isHeld(subscriber, this.#dependencies.enforceHandshake),
      maxProbationMs: this.#dependencies.maxProbationMs,
      retryForbidden: this.#dependencies.retryForbidden !== false,
      onHealth: (health) => this.#noteHealth(uid, health),
      deadLetterDelayMs: this.#dependencies.deadLetterDelayMs ?? DEAD_LETTER_DELAY_MS,
      tracer: this.#dependencies.tracer,
    });
  }

  #noteHealth(uid: string, health: Health): void {
    if (health.failures === 0) this.#health.delete(uid);
    else this.#health.set(uid, health);
  }

  #follow(before: Resource | undefined, after: Resource | undefined): void {
    const subscription = after ?? before;
    if (subscription?.type !== "Microsoft.EventGrid/eventSubscriptions") return;
    const { logger } = this.#dependencies;
    // The new handler starts with a clean health record.
    this.#health.delete(subscription.uid);
    for (const queue of [deliveryQueueName(subscription.uid), deadLetterQueueName(subscription.uid)]) {
      // The queue of a new subscription needs no refresh. New subscriptions cost nothing until their first event.
      if (before === undefined) this.#dispatcher.claim(queue);
      else background(this.#dispatcher.refresh(queue), "refresh_lane", logger);
    }
  }
}
