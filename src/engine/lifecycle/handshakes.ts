import { Buffer } from "node:buffer";
import { timingSafeEqual } from "node:crypto";
import { RingmainError } from "../../core/errors.ts";
import { resourceKey } from "../../core/resources/resource-id.ts";
import type { EventSubscriptionResource, HandshakeState, ProvisioningState } from "../../core/resources/resources.ts";
import type { HandshakeStatus, Subscriber } from "../../core/subscriber.ts";
import { formatTime, MINUTE_MS, parseTime, SECOND_MS, type EpochMs } from "../../core/time.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Destination, HandshakeOutcome } from "../../ports/destination.ts";
import type { Logger } from "../../ports/logger.ts";
import type { Random } from "../../ports/random.ts";
import type { ResourceStore } from "../../ports/resource-store.ts";
import { background } from "../background.ts";
import { createLimiter } from "../../core/async/limiter.ts";
import type { Observers } from "../observers.ts";
import type { ResourceDirectory } from "../directory/resource-directory.ts";
import { subscriberOf } from "../directory/subscriber-of.ts";

/** Time in milliseconds in which the endpoint can consent through the validation URL. [EG-HANDSHAKE-WINDOW] */
export const HANDSHAKE_WINDOW_MS: number = 10 * MINUTE_MS;
/** Time before a failed handshake is tried again. [EG-HANDSHAKE-RETRY] */
const RETRY_AFTER_MS = 5 * SECOND_MS;
/** Number of tries in all. Azure does not publish its number. */
const TRIES = 3;
/** Maximum number of concurrent handshakes: many subscriptions may start together. */
const CONCURRENT_HANDSHAKES = 64;
const SUBSCRIPTIONS = "Microsoft.EventGrid/eventSubscriptions";

/** Collaborators and settings of {@link Handshakes}. */
export interface HandshakeDependencies {
  readonly directory: ResourceDirectory;
  readonly resources: ResourceStore;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly observers: Observers;
  /**
   * Whether a webhook receives events only after it has consented. Otherwise a refusal is only a warning.
   * [EG-HANDSHAKE-DEV]
   */
  readonly enforced: boolean;
  readonly openDestination: (subscriber: Subscriber) => Destination;
  /** Returns the URL through which a GET request gives consent for the subscription with this name. */
  readonly validationUrl: (subscriptionName: string, validationCode: string) => string;
}

/** Result of a GET request for a validation URL. */
export type Confirmation = "validated" | "expired" | "unknown";

/** Returns the initial handshake state of a subscription whose endpoint must consent. */
export function pendingHandshake(endpoint: string, random: Random, now: EpochMs): HandshakeState {
  return {
    status: "pending",
    endpoint,
    validationCode: random.uuid(),
    expiresAt: formatTime(now + HANDSHAKE_WINDOW_MS),
    detail: "The endpoint has not been asked yet.",
  };
}

/**
 * Asks the endpoints of webhook subscriptions for consent.
 *
 * The handshake of a subscription is in one of four states (`handshake.status`).
 * - *pending*: entered when the subscription is created or changed, and by {@link rerun}. Left when the endpoint has
 *   responded.
 * - *validated*: entered when the endpoint has returned the validation code, or when a GET request for the validation
 *   URL has arrived within the window.
 * - *awaiting-manual-action*: entered when the endpoint has responded with success but without the code. Left for
 *   *validated* by a GET request for the validation URL, and for *failed* when the window ends, ten minutes after the
 *   handshake began. A timer runs until then.
 * - *failed*: entered when a request has failed or the window has ended. After a failed request two more tries follow,
 *   five seconds apart; after these, only {@link rerun} tries again.
 *
 * The outcome is stored with the subscription, unless the subscription has changed since the request.
 * [EG-HANDSHAKE-STATES]
 */
export class Handshakes {
  readonly #dependencies: HandshakeDependencies;
  readonly #stopping = new AbortController();
  readonly #running = new Map<string, Promise<void>>();
  /** Requests in progress. */
  readonly #asking = new Set<Promise<HandshakeOutcome>>();
  readonly #limit = createLimiter(CONCURRENT_HANDSHAKES);

  constructor(dependencies: HandshakeDependencies) {
    this.#dependencies = dependencies;
  }

  /** Continues the handshakes that had not finished when the process ended. */
  resume(): void {
    for (const subscription of this.#dependencies.directory.ofKind(SUBSCRIPTIONS)) {
      const { handshake } = subscription.properties;
      if (handshake === undefined) continue;
      background(this.#resume(subscription, handshake), "handshake", this.#dependencies.logger);
    }
  }

  /**
   * Returns the provisioning state of a subscription whose handshake has this status. If consent is not enforced, a
   * subscription is ready as soon as it exists, so clients that wait for it do not wait for its endpoint.
   * [EG-HANDSHAKE-STATES] [EG-HANDSHAKE-DEV]
   */
  provisioningState(status: HandshakeStatus, isNew: boolean): ProvisioningState {
    if (!this.#dependencies.enforced) return "Succeeded";
    return status === "pending" && isNew ? "Creating" : STATES[status];
  }

  /** Returns the number of handshakes with each status. */
  counts(): Readonly<Record<HandshakeStatus, number>> {
    const counts = { pending: 0, validated: 0, "awaiting-manual-action": 0, failed: 0 };
    for (const { properties } of this.#dependencies.directory.ofKind(SUBSCRIPTIONS)) {
      const status = properties.handshake?.status;
      if (status !== undefined) counts[status] += 1;
    }
    return counts;
  }

  /**
   * Returns the URL through which a GET request gives consent, or `undefined` if consent has been given or the window
   * has ended. The URL is a secret.
   */
  validationUrl(subscription: EventSubscriptionResource): string | undefined {
    const { handshake } = subscription.properties;
    if (handshake === undefined || handshake.status === "validated") return undefined;
    const now = this.#dependencies.clock.now();
    if (now > (parseTime(handshake.expiresAt) ?? 0)) return undefined;
    return this.#dependencies.validationUrl(subscription.name, handshake.validationCode);
  }

  /** Starts the handshake in the background. */
  begin(subscription: EventSubscriptionResource): void {
    const code = subscription.properties.handshake?.validationCode;
    if (code === undefined || this.#running.has(code)) return;
    const work = this.#ask(subscription).finally(() => this.#running.delete(code));
    this.#running.set(code, work);
    background(work, "handshake", this.#dependencies.logger);
  }

  /** Returns whether this process is performing the handshake of a subscription, including the pauses between tries. */
  isAsking({ properties }: EventSubscriptionResource): boolean {
    return properties.handshake !== undefined && this.#running.has(properties.handshake.validationCode);
  }

  /** Starts a new handshake. Rejects with `not_found` if the subscription does not exist or needs no handshake. */
  async rerun(id: string): Promise<void> {
    const { directory, random, clock } = this.#dependencies;
    const subscription = directory.find(SUBSCRIPTIONS, id);
    const endpoint = subscription?.properties.handshake;
    if (subscription === undefined || endpoint === undefined) {
      throw new RingmainError("not_found", `There is no event subscription '${id}' with a validation handshake.`);
    }
    const handshake = pendingHandshake(endpoint.endpoint, random, clock.now());
    const asked = await this.#write(subscription, handshake, this.provisioningState("pending", false));
    if (asked !== undefined) this.begin(asked);
  }

  /** Gives consent after a GET request for a validation URL with this validation code. [EG-HANDSHAKE-MANUAL] */
  async confirm(name: string, code: string): Promise<Confirmation> {
    const subscription = this.#findByCode(name, code);
    const handshake = subscription?.properties.handshake;
    if (subscription === undefined || handshake === undefined) return "unknown";
    if (handshake.status === "validated") return "validated";
    if (this.#dependencies.clock.now() > (parseTime(handshake.expiresAt) ?? 0)) return "expired";
    await this.#conclude(subscription, { kind: "validated", detail: "Consented through the validation URL." });
    return "validated";
  }

  /** Resolves when no request is in progress. A handshake that waits for its next try does not count. */
  async idle(): Promise<void> {
    await Promise.allSettled(this.#asking);
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.allSettled(this.#running.values());
  }

  /**
   * Continues one handshake. If the mode has changed since the process ended, stores the provisioning state of the new
   * mode first.
   */
  async #resume(subscription: EventSubscriptionResource, handshake: HandshakeState): Promise<void> {
    const { provisioningState: stored } = subscription.properties;
    const state = this.provisioningState(handshake.status, stored === "Creating");
    const resumed = stored === state ? subscription : await this.#write(subscription, handshake, state);
    if (resumed === undefined || this.#stopping.signal.aborted) return;
    if (handshake.status === "pending" || handshake.status === "failed") this.begin(resumed);
    if (handshake.status === "awaiting-manual-action") this.#watchWindow(resumed);
  }

  async #ask(subscription: EventSubscriptionResource): Promise<void> {
    const destination = this.#dependencies.openDestination(subscriberOf(subscription));
    try {
      let asked = subscription;
      for (let attempt = 1; attempt <= TRIES && !this.#stopping.signal.aborted; attempt += 1) {
        const outcome = await this.#askOnce(asked, destination);
        if (this.#stopping.signal.aborted) return;
        const concluded = await this.#conclude(asked, outcome);
        if (concluded === undefined || outcome.kind !== "failed") return;
        asked = concluded;
        if (attempt < TRIES) await this.#pause(RETRY_AFTER_MS);
      }
    } finally {
      await destination.close();
    }
  }

  async #askOnce(subscription: EventSubscriptionResource, destination: Destination): Promise<HandshakeOutcome> {
    const { handshake } = subscription.properties;
    if (destination.handshake === undefined || handshake === undefined) {
      return { kind: "validated", detail: "This kind of destination needs no handshake." };
    }
    const { clock, random } = this.#dependencies;
    const now = clock.now();
    const { validationCode } = handshake;
    const validationUrl = this.#dependencies.validationUrl(subscription.name, validationCode);
    const request = { now, eventId: random.uuid(), validationCode, validationUrl };
    const ask = destination.handshake.bind(destination);
    const asking = this.#limit(() => ask(request, this.#stopping.signal));
    this.#asking.add(asking);
    try {
      return await asking;
    } finally {
      this.#asking.delete(asking);
    }
  }

  /** Stores an outcome. Resolves with `undefined` if the subscription has changed since the request. */
  async #conclude(
    asked: EventSubscriptionResource,
    outcome: HandshakeOutcome,
  ): Promise<EventSubscriptionResource | undefined> {
    const current = this.#current(asked);
    const handshake = current?.properties.handshake;
    if (current === undefined || handshake === undefined || handshake.status === "validated") return undefined;
    const state = this.provisioningState(outcome.kind, false);
    const written = await this.#write(current, { ...handshake, status: outcome.kind, detail: outcome.detail }, state);
    if (written === undefined) return undefined;
    this.#log(written, outcome);
    this.#dependencies.observers.notify({
      kind: "handshake",
      at: this.#dependencies.clock.now(),
      subscriber: subscriberOf(written),
    });
    if (outcome.kind === "awaiting-manual-action") this.#watchWindow(written);
    return written;
  }

  #log({ name, id }: EventSubscriptionResource, { kind, detail }: HandshakeOutcome): void {
    const { logger, enforced } = this.#dependencies;
    if (kind === "validated") {
      logger.info("handshake_validated", { subscription: name, id, detail });
      return;
    }
    const consequence = enforced
      ? "It receives no events until it consents."
      : "It receives events anyway. In production mode, and from Azure, it would receive none.";
    const event = kind === "failed" ? "handshake_failed" : "handshake_awaits_consent";
    logger.warn(event, { subscription: name, id, detail, consequence });
  }

  async #write(
    subscription: EventSubscriptionResource,
    handshake: HandshakeState,
    provisioningState: ProvisioningState,
  ): Promise<EventSubscriptionResource | undefined> {
    const { directory, resources } = this.#dependencies;
    const stored = directory.get(subscription.id);
    if (stored?.resource.uid !== subscription.uid) return undefined;
    const changed: EventSubscriptionResource = {
      ...subscription,
      properties: { ...subscription.properties, handshake, provisioningState },
    };
    try {
      await resources.put(changed, { kind: "etag", etag: stored.etag });
      return changed;
    } catch (thrown) {
      // A change of the subscription in the meantime has started a handshake of its own.
      if (thrown instanceof RingmainError && thrown.code === "precondition_failed") return undefined;
      throw thrown;
    }
  }

  /** Sets a handshake to *failed* when its window ends. */
  #watchWindow(subscription: EventSubscriptionResource): void {
    const { handshake } = subscription.properties;
    if (handshake === undefined) return;
    const expiresAt = parseTime(handshake.expiresAt) ?? 0;
    const expire = async (): Promise<void> => {
      await this.#pause(expiresAt + 1 - this.#dependencies.clock.now());
      const current = this.#current(subscription);
      if (this.#stopping.signal.aborted || current?.properties.handshake?.status !== "awaiting-manual-action") return;
      await this.#conclude(current, { kind: "failed", detail: "No request to the validation URL arrived in time." });
    };
    background(expire(), "handshake_window", this.#dependencies.logger);
  }

  /** Resolves after `ms` milliseconds, or earlier when stopping. */
  async #pause(ms: number): Promise<void> {
    const { clock } = this.#dependencies;
    try {
      await clock.sleepUntil(clock.now() + ms, this.#stopping.signal);
    } catch (thrown) {
      if (!this.#stopping.signal.aborted) throw thrown;
    }
  }

  /** Returns the current subscription if its handshake still has the validation code of `asked`. */
  #current(asked: EventSubscriptionResource): EventSubscriptionResource | undefined {
    const subscription = this.#dependencies.directory.find(SUBSCRIPTIONS, asked.id);
    const code = asked.properties.handshake?.validationCode;
    return subscription?.properties.handshake?.validationCode === code ? subscription : undefined;
  }

  #findByCode(name: string, code: string): EventSubscriptionResource | undefined {
    for (const subscription of this.#dependencies.directory.ofKind(SUBSCRIPTIONS)) {
      if (resourceKey(subscription.name) !== resourceKey(name)) continue;
      const expected = subscription.properties.handshake?.validationCode;
      if (expected !== undefined && isSameCode(code, expected)) return subscription;
    }
    return undefined;
  }
}

/** Compares two codes. The time depends on their lengths only. */
function isSameCode(received: string, expected: string): boolean {
  const [one, other] = [Buffer.from(received), Buffer.from(expected)];
  return one.byteLength === other.byteLength && timingSafeEqual(one, other);
}

/** Provisioning states by handshake status, if consent is enforced. */
const STATES: Readonly<Record<HandshakeStatus, ProvisioningState>> = {
  pending: "Updating",
  validated: "Succeeded",
  "awaiting-manual-action": "AwaitingManualAction",
  failed: "Failed",
};
