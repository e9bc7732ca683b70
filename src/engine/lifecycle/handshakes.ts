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

/** How long consent may be given by hand. [EG-HANDSHAKE-WINDOW] */
export const HANDSHAKE_WINDOW_MS: number = 10 * MINUTE_MS;
/** A handshake that failed is tried again after this long … [EG-HANDSHAKE-RETRY] */
const RETRY_AFTER_MS = 5 * SECOND_MS;
/** … up to this many tries in all: Azure does not publish its number. */
const TRIES = 3;
/** Endpoints asked at one time: many subscriptions may start together. */
const CONCURRENT_HANDSHAKES = 64;
const SUBSCRIPTIONS = "Microsoft.EventGrid/eventSubscriptions";

export interface HandshakeDependencies {
  readonly directory: ResourceDirectory;
  readonly resources: ResourceStore;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly observers: Observers;
  /** Whether a webhook receives nothing before it consents; otherwise a refusal is only a warning. [EG-HANDSHAKE-DEV] */
  readonly enforced: boolean;
  readonly openDestination: (subscriber: Subscriber) => Destination;
  /** Returns the address on which a GET consents by hand for the subscription of this name. */
  readonly validationUrl: (subscriptionName: string, validationCode: string) => string;
}

/** What came of a GET on a validation URL. */
export type Confirmation = "validated" | "expired" | "unknown";

/** The state a subscription starts with that must ask its endpoint for consent. */
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
 * Asks webhooks for consent.
 *
 * States of `handshake.status`: *pending* (asked, or about to be) → *validated*, *awaiting-manual-action* or
 * *failed*. Awaiting: a GET on the validation URL within the window validates; when the window ends it is *failed*.
 * Failed: tried again up to three times, five seconds apart; by hand at any time through `rerun`.
 * The outcome is written to the subscription, and only if it is still the one that was asked. [EG-HANDSHAKE-STATES]
 */
export class Handshakes {
  readonly #dependencies: HandshakeDependencies;
  readonly #stopping = new AbortController();
  readonly #running = new Map<string, Promise<void>>();
  /** Tries under way. */
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
   * Returns the provisioning state of a subscription whose handshake has this status. Where consent is not enforced a
   * subscription is ready as soon as it exists: nothing that waits for it waits for its endpoint.
   * [EG-HANDSHAKE-STATES] [EG-HANDSHAKE-DEV]
   */
  provisioningState(status: HandshakeStatus, isNew: boolean): ProvisioningState {
    if (!this.#dependencies.enforced) return "Succeeded";
    return status === "pending" && isNew ? "Creating" : STATES[status];
  }

  /** Returns how many handshakes have each status. */
  counts(): Readonly<Record<HandshakeStatus, number>> {
    const counts = { pending: 0, validated: 0, "awaiting-manual-action": 0, failed: 0 };
    for (const { properties } of this.#dependencies.directory.ofKind(SUBSCRIPTIONS)) {
      const status = properties.handshake?.status;
      if (status !== undefined) counts[status] += 1;
    }
    return counts;
  }

  /** Returns the URL whose GET consents by hand; `undefined` when there is no need, or its time is over. A secret. */
  validationUrl(subscription: EventSubscriptionResource): string | undefined {
    const { handshake } = subscription.properties;
    if (handshake === undefined || handshake.status === "validated") return undefined;
    const now = this.#dependencies.clock.now();
    if (now > (parseTime(handshake.expiresAt) ?? 0)) return undefined;
    return this.#dependencies.validationUrl(subscription.name, handshake.validationCode);
  }

  /** Begins to ask, in the background. */
  begin(subscription: EventSubscriptionResource): void {
    const code = subscription.properties.handshake?.validationCode;
    if (code === undefined || this.#running.has(code)) return;
    const work = this.#ask(subscription).finally(() => this.#running.delete(code));
    this.#running.set(code, work);
    background(work, "handshake", this.#dependencies.logger);
  }

  /** Whether a subscription's endpoint is being asked by this process, or will be once more. */
  isAsking({ properties }: EventSubscriptionResource): boolean {
    return properties.handshake !== undefined && this.#running.has(properties.handshake.validationCode);
  }

  /** Asks again, now. Rejects with `not_found` for what is no webhook subscription. */
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

  /** A GET on a validation URL. `code` is the validation code in it. [EG-HANDSHAKE-MANUAL] */
  async confirm(name: string, code: string): Promise<Confirmation> {
    const subscription = this.#findByCode(name, code);
    const handshake = subscription?.properties.handshake;
    if (subscription === undefined || handshake === undefined) return "unknown";
    if (handshake.status === "validated") return "validated";
    if (this.#dependencies.clock.now() > (parseTime(handshake.expiresAt) ?? 0)) return "expired";
    await this.#conclude(subscription, { kind: "validated", detail: "Consented through the validation URL." });
    return "validated";
  }

  /** Resolves when no handshake is under way; one that waits for its next try does not count. */
  async idle(): Promise<void> {
    await Promise.allSettled(this.#asking);
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.allSettled(this.#running.values());
  }

  /** The mode may have changed since the process ended: then the state that was stored is another mode's. */
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

  /** Writes an outcome down; `undefined` when the subscription is no longer the one that was asked. */
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
      // Somebody changed the subscription meanwhile, and with that began a handshake of its own.
      if (thrown instanceof RingmainError && thrown.code === "precondition_failed") return undefined;
      throw thrown;
    }
  }

  /** Fails a handshake whose window for consent by hand ends. */
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

  /** Waits; returns early when stopping. */
  async #pause(ms: number): Promise<void> {
    const { clock } = this.#dependencies;
    try {
      await clock.sleepUntil(clock.now() + ms, this.#stopping.signal);
    } catch (thrown) {
      if (!this.#stopping.signal.aborted) throw thrown;
    }
  }

  /** The subscription as it is now, if it still waits for the answer to the same question. */
  #current(asked: EventSubscriptionResource): EventSubscriptionResource | undefined {
    const subscription = this.#dependencies.directory.find(SUBSCRIPTIONS, asked.id);
    const code = asked.properties.handshake?.validationCode;
    return subscription?.properties.handshake?.validationCode === code ? subscription : undefined;
  }

  #findByCode(name: string, code: string): EventSubscriptionResource | undefined {
    for (const subscription of this.#dependencies.directory.ofKind(SUBSCRIPTIONS)) {
      if (resourceKey(subscription.name) !== resourceKey(name)) continue;
      const wanted = subscription.properties.handshake?.validationCode;
      if (wanted !== undefined && isSameCode(code, wanted)) return subscription;
    }
    return undefined;
  }
}

/** Compares in a time that depends on the lengths only. */
function isSameCode(shown: string, wanted: string): boolean {
  const [one, other] = [Buffer.from(shown), Buffer.from(wanted)];
  return one.byteLength === other.byteLength && timingSafeEqual(one, other);
}

/** States of subscriptions by the status of their handshake, where consent is enforced. */
const STATES: Readonly<Record<HandshakeStatus, ProvisioningState>> = {
  pending: "Updating",
  validated: "Succeeded",
  "awaiting-manual-action": "AwaitingManualAction",
  failed: "Failed",
};
