import { createHmac } from "node:crypto";
import { formatTime, HOUR_MS } from "../../../src/core/time.ts";
import { EVENTS_AUDIENCE, issueToken, MANAGEMENT_AUDIENCE } from "./callers.ts";
import { ADMIN_KEY, SETTING_NAMES, type IssuerName, type Setting, type Subject } from "./settings.ts";

export const KEY1: string = Buffer.from("the first key of what is published to").toString("base64");
export const KEY2: string = Buffer.from("the second key of what is published to").toString("base64");
/** Key of another topic on the same server. */
export const OTHER_KEY: string = Buffer.from("the key of something else here").toString("base64");

/** An address that accepts events. */
export interface Target {
  readonly host: string;
  readonly path: string;
}

/** The parts of a publisher's request other than its event. */
export interface Credentials {
  readonly headers?: Readonly<Record<string, string>>;
  readonly query?: string;
}

type Publisher = (target: Target, subject: Subject) => Credentials | Promise<Credentials>;

const key =
  (value: string): Publisher =>
  () => ({ headers: { "aeg-sas-key": value } });
const signature =
  (secret: string, lifeMs = HOUR_MS, path?: string): Publisher =>
  (target, { harness: { clock } }) => ({
    headers: { "aeg-sas-token": sign({ ...target, path: path ?? target.path }, secret, clock.now() + lifeMs) },
  });
const token =
  (clientId: string, issuer: IssuerName = "own", audience = EVENTS_AUDIENCE): Publisher =>
  async (_target, subject) => ({
    headers: { authorization: `Bearer ${await issueToken(subject, { clientId, issuer, audience })}` },
  });

function sign({ host, path }: Target, secret: string, expiresAt: number): string {
  const text = `r=${encodeURIComponent(`http://${host}${path}`)}&e=${encodeURIComponent(formatTime(expiresAt))}`;
  const digest = createHmac("sha256", Buffer.from(secret, "base64")).update(text).digest("base64");
  return `${text}&s=${encodeURIComponent(digest)}`;
}

/** A publisher with its results in the order of `SETTINGS`: a status, or `ok`. */
type PublisherRow = readonly [publisher: Publisher, answers: string];

/** Publishers by their credential. These are the rows of the table, which is the same for every address. */
export const PUBLISHERS: Readonly<Record<string, PublisherRow>> = {
  "no credential": [() => ({}), "                            401 401 401 401 401 401"],
  "first key": [key(KEY1), "                                 ok  ok  ok  ok  ok  ok "],
  "second key": [key(KEY2), "                                ok  ok  ok  ok  ok  ok "],
  "key in the query": [() => ({ query: `aeg-sas-key=${encodeURIComponent(KEY1)}` }), "ok ok ok ok ok ok"],
  "key of another topic": [key(OTHER_KEY), "                 401 401 401 401 401 401"],
  "key that is wrong in its last digit": [key(KEY1.replace(/.(=*)$/, "A$1")), "401 401 401 401 401 401"],
  "admin key as a key": [key(ADMIN_KEY), "                   401 401 401 401 401 401"],
  "admin key as a token": [() => ({ headers: { authorization: `Bearer ${ADMIN_KEY}` } }), "401 401 401 401 401 401"],
  "any token": [() => ({ headers: { authorization: "Bearer any" } }), "401 401 401 401 401 401"],
  signature: [signature(KEY1), "                           ok  ok  ok  ok  ok  ok "],
  "signature that has expired": [signature(KEY1, -1), "      401 401 401 401 401 401"],
  "signature by another topic's key": [signature(OTHER_KEY), "401 401 401 401 401 401"],
  "signature for another topic": [signature(KEY1, HOUR_MS, "/topics/other/api/events"), "401 401 401 401 401 401"],
  "token of a sender": [token("sender"), "                   401 ok  ok  401 ok  ok "],
  "token of an Owner": [token("operator"), "                 401 401 401 401 401 401"],
  "token without a role": [token("roleless"), "              401 401 401 401 401 401"],
  "token of any application": [token("anybody"), "           ok  ok  ok  401 401 401"],
  "token for management": [token("sender", "own", MANAGEMENT_AUDIENCE), "401 401 401 401 401 401"],
  "token that has expired": [token("sender", "of two days ago"), "401 401 401 401 401 401"],
  "token of another instance": [token("sender", "of another instance"), "401 401 401 401 401 401"],
  "token of the other mode": [token("sender", "of the other mode"), "401 401 401 401 401 401"],
  "token by another key": [token("sender", "of an other key"), "401 401 401 401 401 401"],
  "key, by a page of another origin": [
    () => ({ headers: { "aeg-sas-key": KEY1, origin: "http://evil.example" } }),
    "                                                         ok  ok  ok  ok  ok  ok ",
  ],
};

/** Returns the result of each publisher in one configuration. */
export function publishColumn(setting: Setting): Record<string, string> {
  const index = SETTING_NAMES.indexOf(setting);
  return Object.fromEntries(
    Object.entries(PUBLISHERS).map(([name, [, answers]]) => [name, answers.trim().split(/\s+/)[index] ?? ""]),
  );
}
