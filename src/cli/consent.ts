import { setTimeout as pause } from "node:timers/promises";
import { asText, isJsonObject, type JsonObject } from "../core/json.ts";
import { resourceName } from "../core/resources/resource-id.ts";
import type { ManagementClient } from "./management-client.ts";
import type { Output } from "./output.ts";

/** The state of a webhook's validation handshake. */
export interface Consent {
  readonly status: string;
  /** The question that was asked, and its response. */
  readonly detail: string;
  /** Whether it is being asked, or will be once more. */
  readonly inProgress: boolean;
  /** A GET on it consents by hand. A secret, hence absent for callers without the admin key. */
  readonly validationUrl?: string;
}

/** The part of a running Ringmain that knows of consent. */
export type ConsentReader = Pick<ManagementClient, "subscriptionDetails" | "operationStatus">;

/** A subscription that was written; `operation` is where to ask for its end while that is not reached. */
export interface WrittenSubscription {
  readonly id: string;
  readonly operation: string | undefined;
}

/** How far to follow a handshake: to the endpoint's first answer, until it is not asked any more, to its consent. */
export type ConsentGoal = "answer" | "conclusion" | "consent";

/** An endpoint on this machine answers in a few milliseconds; a command that need not wait gives it no more than this. */
const FIRST_ANSWER_MS = 1_000;
/** Three tries of up to thirty seconds each, five seconds apart. [EG-HANDSHAKE-RETRY] */
const CONCLUSION_MS = 120_000;
/** Ten minutes for consent by hand [EG-HANDSHAKE-WINDOW], and some time for the server to notice their end. */
const CONSENT_MS = 630_000;
const LIMITS: Readonly<Record<ConsentGoal, number>> = {
  answer: FIRST_ANSWER_MS,
  conclusion: CONCLUSION_MS,
  consent: CONSENT_MS,
};

/** Options for following a handshake. */
export interface FollowOptions {
  readonly output: Output;
  readonly goal: ConsentGoal;
  /** When the time limit began: several handshakes can share one. Now, unless set. */
  readonly since?: number | undefined;
}

const FIRST_POLL_MS = 50;
const LONGEST_POLL_MS = 2_000;

/**
 * Follows a handshake as far as `goal` says, or to its time limit, and returns its state then. Longer waits are
 * announced on standard error, once for each thing that is waited for. Returns `undefined` for destinations that are
 * not asked for consent.
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

/** Returns whether the server takes a subscription for complete; without consent it does so in development mode only. */
export async function isComplete(client: ConsentReader, { operation }: WrittenSubscription): Promise<boolean> {
  return operation === undefined || (await client.operationStatus(operation))["status"] === "Succeeded";
}

/** Returns the state of a subscription's handshake; `undefined` where there is none, or none that may be read. */
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

/** Without the admin key only the operation says how the handshake stands. */
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
  const told = status === "pending" ? "" : ` ${detail}`;
  return `Waiting up to ten minutes for the endpoint of '${name}' to consent to events.${told} ${byHand}`;
}

/**
 * Returns sentences for people about an endpoint that has not consented; none when it has.
 *
 * @param complete whether the subscription receives events all the same
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

/** Returns a handshake as a member for reports; nothing where there is none. */
export function consentMember(consent: Consent | undefined): JsonObject {
  return consent === undefined ? {} : { handshake: { ...consent } };
}
