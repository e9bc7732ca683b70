import { createHmac } from "node:crypto";
import { exportJWK, exportSPKI, generateKeyPair, SignJWT, UnsecuredJWT, type CryptoKey } from "jose";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { JsonObject } from "../core/json.ts";
import { topicId } from "../core/resources/resource-id.ts";
import type { TopicResource } from "../core/resources/resources.ts";
import { authenticatePublisher, type TokenAccess } from "./authenticate-publisher.ts";
import { EntraTokens, principalByObjectId } from "./entra-token.ts";
import { IssuerKeys } from "./entra/issuer-keys.ts";
import { RoleAssignments } from "./role-assignments.ts";

const ISSUER = "https://login.example/11111111-1111-1111-1111-111111111111/v2.0";
const AUDIENCE = "https://eventgrid.azure.net";
const NOW = Date.UTC(2029, 0, 1);
const SECONDS = NOW / 1_000;
const SENDER = { oid: "sender", aud: AUDIENCE, iss: ISSUER, nbf: SECONDS, exp: SECONDS + 3_600 };
const key1 = Buffer.from("a key").toString("base64");
const topic: TopicResource = {
  id: topicId("orders"),
  name: "orders",
  type: "Microsoft.EventGrid/topics",
  uid: "uid",
  location: "local",
  properties: { inputSchema: "EventGridSchema" },
  keys: { key1, key2: key1 },
};

const jwkOf = async (key: CryptoKey): Promise<JsonObject> =>
  JSON.parse(JSON.stringify(await exportJWK(key))) as JsonObject;

let signing: CryptoKey;
let publicKey: CryptoKey;
let known: JsonObject;
beforeAll(async () => {
  const pair = await generateKeyPair("RS256", { extractable: true });
  [signing, publicKey] = [pair.privateKey, pair.publicKey];
  known = { ...(await jwkOf(publicKey)), kid: "one", use: "sig" };
});

let now: number;
let fetched: string[];
let served: JsonObject[];
let metadata: JsonObject;
let access: TokenAccess;
beforeEach(() => {
  now = NOW;
  fetched = [];
  served = [known];
  metadata = { issuer: ISSUER, jwks_uri: "https://login.example/keys" };
  const keys = new IssuerKeys({
    issuer: ISSUER,
    now: () => now,
    fetchJson: async (url) => {
      fetched.push(url);
      return { status: 200, body: url.endsWith("/keys") ? { keys: served } : metadata };
    },
  });
  const roles = new RoleAssignments();
  roles.replace("test", [{ principalId: "sender", role: "EventGrid Data Sender", scope: topic.id }]);
  const isIssuer = (issuer: string): boolean => issuer === ISSUER;
  const issuers = [{ isIssuer, key: keys.key, principal: principalByObjectId }];
  access = { tokens: new EntraTokens({ issuers, audiences: [AUDIENCE] }), roles };
});

const signed = (
  claims: Record<string, unknown>,
  kid = "one",
  alg = "RS256",
  key: CryptoKey | Uint8Array = signing,
): Promise<string> => new SignJWT(claims).setProtectedHeader({ alg, kid }).sign(key);

/** Returns `accepted`, or the error's code and message. */
async function outcome(
  token: string,
  options: { headers?: Record<string, string>; topic?: TopicResource } = {},
): Promise<string> {
  const headers: Record<string, string> = { authorization: `Bearer ${token}`, ...options.headers };
  const request = {
    header: (name: string) => headers[name],
    query: new URLSearchParams(),
    host: "localhost",
    path: "/api/events",
    remoteAddress: "127.0.0.1",
  };
  try {
    await authenticatePublisher(request, options.topic ?? topic, now, access);
    return "accepted";
  } catch (thrown) {
    const { code, message } = thrown as { code: string; message: string };
    // The message must not repeat the token.
    if (token.length > 20) expect(message).not.toContain(token.slice(0, 20));
    return `${code}: ${message}`;
  }
}

describe("publishing with a token", () => {
  it("[EG-ENTRA-CARRIER] needs no key, and is accepted where keys are disabled", async () => {
    const disabled = { ...topic, properties: { ...topic.properties, disableLocalAuth: true } };
    const token = await signed(SENDER);
    expect(await outcome(token)).toBe("accepted");
    expect(await outcome(token, { topic: disabled })).toBe("accepted");
    expect(await outcome(token, { topic: disabled, headers: { "aeg-sas-key": key1 } })).toBe("accepted");
    expect(await outcome(token, { headers: { authorization: `bearer  ${token} ` } })).toBe("accepted");
  });

  it("[EG-ENTRA-CARRIER] is ignored next to a valid key, and checked next to a wrong one", async () => {
    expect(await outcome("nonsense", { headers: { "aeg-sas-key": key1 } })).toBe("accepted");
    expect(await outcome(await signed(SENDER), { headers: { "aeg-sas-key": "d3Jvbmc=" } })).toBe("accepted");
    expect(fetched).toHaveLength(2);
  });

  it("[EG-ENTRA-ROLE] is refused if its holder has no role, with the service's message", async () => {
    expect(await outcome(await signed({ ...SENDER, oid: "another" }))).toBe(
      "unauthorized: The principal associated with access token presented with the incoming request does not have " +
        `permission to send data to ${topic.id}.`,
    );
    expect(await outcome(await signed({ ...SENDER, oid: "another", groups: ["sender"] }))).toBe("accepted");
    expect(await outcome(await signed({ ...SENDER, oid: ["sender"] }))).toMatch(/does not have permission/);
  });

  it("[EG-ENTRA-ROLE] does not get roles from its issuer: roles are assigned here", async () => {
    expect(await outcome(await signed({ ...SENDER, oid: "x", roles: ["EventGrid Data Sender"] }))).toMatch(
      /does not have permission/,
    );
  });
});

describe("[EG-ENTRA-TOKEN] a token is refused", () => {
  it.each<[string, Record<string, unknown>, string]>([
    ["of another issuer", { ...SENDER, iss: `${ISSUER}/` }, "issuer"],
    ["without issuer", { ...SENDER, iss: undefined }, "issuer"],
    ["[EG-ENTRA-AUDIENCE] for somebody else", { ...SENDER, aud: "https://management.azure.com" }, "audience"],
    ["[EG-ENTRA-AUDIENCE] for nobody", { ...SENDER, aud: undefined }, "audience"],
    ["[EG-ENTRA-LIFETIME] after its end", { ...SENDER, exp: SECONDS - 301 }, "expired"],
    ["[EG-ENTRA-LIFETIME] before its time", { ...SENDER, nbf: SECONDS + 301 }, "not valid yet"],
    ["[EG-ENTRA-LIFETIME] without end", { ...SENDER, exp: undefined }, "expiry time"],
  ])("%s", async (_what, claims, reason) => {
    const answer = await outcome(await signed(claims));
    expect(answer).toMatch(/^unauthorized: The access token presented with the incoming request is not valid\./);
    expect(answer).toContain(reason);
  });

  it("[EG-ENTRA-LIFETIME] only from five minutes after its expiry", async () => {
    const token = await signed(SENDER);
    now += 3_600_000 + 299_000;
    expect(await outcome(token)).toBe("accepted");
    now += 1_000;
    expect(await outcome(token)).toContain("expired");
    expect(await outcome(await signed({ ...SENDER, nbf: now / 1_000 + 299, exp: now / 1_000 + 600 }))).toBe("accepted");
  });

  it("that is not signed", async () => {
    expect(await outcome(new UnsecuredJWT(SENDER).encode())).toMatch(/^unauthorized: .*algorithm/);
  });

  it("that is signed with a public key as if it were a secret", async () => {
    const secret = Buffer.from(await exportSPKI(publicKey));
    expect(await outcome(await signed(SENDER, "one", "HS256", secret))).toContain("algorithm");
    const text = [{ alg: "HS256", kid: "one" }, SENDER].map((part) =>
      Buffer.from(JSON.stringify(part)).toString("base64url"),
    );
    const mac = createHmac("sha256", secret).update(text.join(".")).digest("base64url");
    expect(await outcome([...text, mac].join("."))).toContain("algorithm");
  });

  it("that is signed with another key under a known key's name", async () => {
    const other = await generateKeyPair("RS256");
    expect(await outcome(await signed(SENDER, "one", "RS256", other.privateKey))).toContain("signature does not match");
  });

  it("that contains its own key", async () => {
    const other = await generateKeyPair("RS256", { extractable: true });
    const jwk = await exportJWK(other.publicKey);
    const token = await new SignJWT(SENDER)
      .setProtectedHeader({ alg: "RS256", jwk, jku: "https://evil.example/keys", kid: "one" })
      .sign(other.privateKey);
    expect(await outcome(token)).toContain("signature does not match");
    expect(fetched).not.toContain("https://evil.example/keys");
  });

  it("that was modified", async () => {
    const [header = "", , signature = ""] = (await signed(SENDER)).split(".");
    const claims = Buffer.from(JSON.stringify({ ...SENDER, oid: "other" })).toString("base64url");
    expect(await outcome([header, claims, signature].join("."))).toContain("signature does not match");
  });

  it.each([["x"], ["a.b.c"], ["e30.e30.e30"], [".."], ["eyJhbGciOiJSUzI1NiJ9.W10.x"]])(
    "that is not a token: %s",
    async (text) => {
      expect(await outcome(text)).toMatch(/^unauthorized/);
      expect(fetched).toEqual([]);
    },
  );

  it("that is too long, without being parsed", async () => {
    expect(await outcome(await signed({ ...SENDER, more: "x".repeat(10_000) }))).toContain("12288 characters");
    expect(fetched).toEqual([]);
  });
});

describe("[EG-ENTRA-KEYS] an issuer's keys", () => {
  it("are fetched once, and again after an hour", async () => {
    const token = await signed({ ...SENDER, exp: SECONDS + 86_400 });
    await Promise.all([outcome(token), outcome(token), outcome(token)]);
    expect(fetched).toEqual([`${ISSUER}/.well-known/openid-configuration`, "https://login.example/keys"]);
    now += 3_600_001;
    expect(await outcome(token)).toBe("accepted");
    expect(fetched).toHaveLength(4);
  });

  it("are fetched again when a token names an unknown key", async () => {
    expect(await outcome(await signed(SENDER))).toBe("accepted");
    const next = await generateKeyPair("RS256", { extractable: true });
    served = [known, { ...(await jwkOf(next.publicKey)), kid: "two" }];
    now += 30_000;
    expect(await outcome(await signed(SENDER, "two", "RS256", next.privateKey))).toBe("accepted");
  });

  it("are not fetched for each token of a flood with unknown keys", async () => {
    const tokens = await Promise.all(Array.from({ length: 50 }, (_, index) => signed(SENDER, `unknown-${index}`)));
    const answers = await Promise.all(tokens.map((token) => outcome(token)));
    expect(new Set(answers)).toEqual(new Set([expect.stringContaining("a key that is not one of its issuer's keys")]));
    expect(fetched).toHaveLength(2);
    now += 30_000;
    await Promise.all(tokens.map((token) => outcome(token)));
    expect(fetched).toHaveLength(4);
  });

  it("stay in use while the issuer cannot be reached", async () => {
    const token = await signed({ ...SENDER, exp: SECONDS + 86_400 });
    await outcome(token);
    metadata = {};
    now += 3_600_001;
    expect(await outcome(token)).toBe("accepted");
  });

  it.each([
    ["has no address of its keys", {}],
    ["belongs to another issuer", { issuer: "https://evil.example", jwks_uri: "https://evil.example/keys" }],
  ])("that could never be fetched make the publisher retry: metadata %s", async (reason, body) => {
    metadata = body;
    const token = await signed(SENDER);
    expect(await outcome(token)).toMatch(new RegExp(`^issuer_unavailable: .*${reason}`));
    expect(await outcome(token)).toMatch(/^issuer_unavailable/);
    expect(fetched).toHaveLength(1);
    metadata = { issuer: ISSUER, jwks_uri: "https://login.example/keys" };
    now += 30_000;
    expect(await outcome(token)).toBe("accepted");
  });
});
