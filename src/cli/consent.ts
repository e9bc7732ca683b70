import { setTimeout as pause } from "node:timers/promises";
import { asText, isJsonObject, type JsonObject } from "../core/json.ts";
import { resourceName } from "../core/resources/resource-id.ts";
import type { ManagementClient } from "./management-client.ts";
import type { Output } from "./output.ts";

/** The state of a webhook's validation handshake. */
export interface Consent {
  readonly status: string;
  /** The latest validation request, and the response to it. */
  readonly detail: string;
  /** Whether a validation request is in progress or will be sent again. */
  readonly inProgress: boolean;
  /** URL for consent by hand, with a GET request. It is a secret, so it is absent for callers without the admin key. */
  readonly validationUrl?: string;
}

/** The routes of a running Ringmain that report the state of a handshake. */
export type ConsentReader = Pick<ManagementClient, "subscriptionDetails" | "operationStatus">;

/** A subscription that was written. `operation` is the URL of its status while it is not complete. */
export interface WrittenSubscription {
  readonly id: string;
  readonly operation: string | undefined;
}

/**
 * Event that ends the wait for a handshake: the endpoint's first response (`answer`), the last attempt to validate it
 * (`conclusion`), or its consent (`consent`).
 */
export type ConsentGoal = "answer" | "conclusion" | "consent";

/** Time limit of commands that do not need the consent. An endpoint on this machine responds in a few milliseconds. */
const FIRST_ANSWER_MS = 1_000;
/** Time for three validation requests of up to thirty seconds each, five seconds apart. [EG-HANDSHAKE-RETRY] */
const CONCLUSION_MS = 120_000;
/** Ten minutes for consent by hand [EG-HANDSHAKE-WINDOW], and some time for the server to notice that they are over. */
const CONSENT_MS = 630_000;
const LIMITS: Readonly<Record<ConsentGoal, number>> = {
  answer: FIRST_ANSWER_MS,
  conclusion: CONCLUSION_MS,
  consent: CONSENT_MS,
};

/** Options of {@link followConsent}. */
export interface FollowOptions {
  readonly output: Output;
  readonly goal: ConsentGoal;
  /** Start of the time limit, for several handshakes that share one. Unless set, now. */
  readonly since?: number | undefined;
}

const FIRST_POLL_MS = 50;
const LONGEST_POLL_MS = 2_000;

/**
 * Waits until a handshake reaches `goal` or the time limit, and returns its state. Announces longer waits on standard
 * error, once per reason. Returns `undefined` for destinations that need no consent.
 */
export async function followConsent(
  client: ConsentReader,
  written: WrittenSubscription,
  { output, goal, since = Date.now() }: FollowOptions,
): Promise<Consent | undefined> {
  const announceAfter = since + FIRST_ANSWER_MS;
  let announced = "";
  for (let wait = FIRST_POLL_MS; ; wait = Math.min(2 * wait, LONGEST_POLL_MS)) {
    const consent = await readConsent(client, written);
    if (consent === undefined || hasReached(consent, goal) || Date.now() >= since + LIMITS[goal]) return consent;
    const line = waitingLine(written, consent);
    if (Date.now() >= announceAfter && line !== announced) {
      output.notice(line);
      announced = line;
    }
    await pause(wait);
  }
}

/** Returns whether a subscription is complete. In production mode, the endpoint's consent is required for that. */
export async function isComplete(client: ConsentReader, { operation }: WrittenSubscription): Promise<boolean> {
  return operation === undefined || (await client.operationStatus(operation))["status"] === "Succeeded";
}

/** Returns the state of a subscription's handshake; `undefined` if there is none or the caller may not read it. */
export async function readConsent(
  client: ConsentReader,
  { id, operation }: WrittenSubscription,
): Promise<Consent | undefined> {
  const [details] = (await client.subscriptionDetails(id)) ?? [];
  const handshake = details?.["handshake"];
  if (isJsonObject(handshake)) {
    const { status = "", detail = "", inProgress = false, validationUrl } = handshake;
    const shown = typeof validationUrl === "string" ? { validationUrl } : {};
    return { status: asText(status), detail: asText(detail), inProgress: inProgress === true, ...shown };
  }
  return details === undefined && operation !== undefined ? consentByOperation(client, operation) : undefined;
}

/** Derives the state of a handshake from the operation, for callers without the admin key. */
async function consentByOperation(client: ConsentReader, operation: string): Promise<Consent> {
  const { status, error } = await client.operationStatus(operation);
  if (status === "Succeeded") return { status: "validated", detail: "", inProgress: false };
  if (status === "Failed") return { status: "failed", detail: messageOf(error), inProgress: false };
  return { status: "pending", detail: "", inProgress: true };
}

function messageOf(error: unknown): string {
  return isJsonObject(error) ? asText(error["message"]) : "";
}

function hasReached({ status, inProgress }: Consent, goal: ConsentGoal): boolean {
  switch (status) {
    case "validated":
      return true;
    case "pending":
      return false;
    case "failed":
      return goal === "answer" || !inProgress;
    default:
      return goal !== "consent";
  }
}

function waitingLine({ id }: WrittenSubscription, { status, detail, validationUrl }: Consent): string {
  const name = resourceName(id);
  if (status === "failed") return `Waiting until Ringmain asks the endpoint of '${name}' again: ${detail}`;
  const byHand =
    validationUrl === undefined
      ? "A GET request to the validation URL that the endpoint received consents too."
      : `A GET request to ${validationUrl} consents too.`;
  const reason = status === "pending" ? "" : ` ${detail}`;
  return `Waiting up to ten minutes for the endpoint of '${name}' to consent to events.${reason} ${byHand}`;
}

/**
 * Returns sentences about an endpoint that has not consented; an empty list if it has or need not.
 *
 * @param complete whether the subscription receives events anyway
 */
export function missingConsent(
  { id }: WrittenSubscription,
  consent: Consent | undefined,
  complete: boolean,
): readonly string[] {
  if (consent === undefined || consent.status === "validated") return [];
  const { status, detail, validationUrl } = consent;
  const state =
    status === "pending"
      ? "has not responded to the validation request yet."
      : `has not consented to events: ${detail}`;
  return [
    `The endpoint of '${resourceName(id)}' ${state}`,
    complete
      ? "In development, it receives events anyway. In production, and from Azure, it would receive none."
      : "It receives no events until it consents.",
    "To ask the endpoint again, run the command again.",
    ...(validationUrl === undefined ? [] : [`To consent by hand within ten minutes, open ${validationUrl}`]),
  ];
}

/** Returns a handshake as a member of a report; empty if there is none. */
export function consentMember(consent: Consent | undefined): JsonObject {
  return consent === undefined ? {} : { handshake: { ...consent } };
}
