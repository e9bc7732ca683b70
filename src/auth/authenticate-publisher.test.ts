import { createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import { topicId } from "../core/resources/resource-id.ts";
import type { TopicResource } from "../core/resources/resources.ts";
import { authenticatePublisher, type TokenAccess } from "./authenticate-publisher.ts";
import { EntraTokens } from "./entra-token.ts";
import { RoleAssignments } from "./role-assignments.ts";

const key1 = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
const key2 = Buffer.from("the second key of the same topic").toString("base64");
const host = "exampletopic.westus2-1.eventgrid.azure.net";
const now = Date.UTC(2029, 0, 1);
const expiresAt = Date.UTC(2030, 0, 2, 13, 4, 5);

const topic: TopicResource = {
  id: topicId("exampletopic"),
  name: "exampletopic",
  type: "Microsoft.EventGrid/topics",
  uid: "uid",
  location: "local",
  properties: { inputSchema: "EventGridSchema" },
  keys: { key1, key2 },
};

interface Presented {
  readonly headers?: Record<string, string>;
  readonly query?: string;
  readonly host?: string;
  readonly path?: string;
  readonly at?: number;
  readonly topic?: TopicResource;
}

const noTokens: TokenAccess = {
  tokens: new EntraTokens({ issuers: [], audiences: [] }),
  roles: new RoleAssignments(),
};

function authenticate(presented: Presented): void {
  void authenticatePublisher(
    {
      header: (name) => presented.headers?.[name],
      query: new URLSearchParams(presented.query ?? ""),
      host: presented.host ?? host,
      path: presented.path ?? "/api/events",
      remoteAddress: "127.0.0.1",
    },
    presented.topic ?? topic,
    presented.at ?? now,
    noTokens,
  );
}
const refused = (presented: Presented): { code: string; message: string } => {
  try {
    authenticate(presented);
  } catch (thrown) {
    return thrown as { code: string; message: string };
  }
  return { code: "accepted", message: "" };
};
const byToken = (text: string, more: Presented = {}): string =>
  refused({ ...more, headers: { "aeg-sas-token": text } }).code;
/** Signs a token as Azure's documentation describes. */
function token(expiry: string, resource = `https://${host}/api/events`, key = key1): string {
  const text = `r=${encodeURIComponent(resource)}&e=${expiry}`;
  const signature = createHmac("sha256", Buffer.from(key, "base64")).update(text).digest("base64");
  return `${text}&s=${encodeURIComponent(signature)}`;
}
const late = encodeURIComponent("2030-01-02 13:04:05");

describe("access keys", () => {
  it.each([
    ["key1 in a header", { headers: { "aeg-sas-key": key1 } }],
    ["key2 in a header", { headers: { "aeg-sas-key": key2 } }],
    ["key1 in the query", { query: `aeg-sas-key=${encodeURIComponent(key1)}` }],
    ["key2 in the query", { query: `api-version=2018-01-01&aeg-sas-key=${encodeURIComponent(key2)}` }],
  ])("[EG-AUTH-KEY] accepts %s", (_name, presented) => {
    expect(refused(presented).code).toBe("accepted");
  });

  it("[EG-AUTH-KEY] reads a raw plus sign in the query as part of the key", () => {
    const keys = { key1: "++++", key2: "////" };
    expect(refused({ query: "aeg-sas-key=++++", topic: { ...topic, keys } }).code).toBe("accepted");
  });

  it("[EG-AUTH-KEY] needs one valid credential, in any place", () => {
    const query = `aeg-sas-key=${encodeURIComponent(key1)}`;
    expect(refused({ headers: { "aeg-sas-key": "" }, query }).code).toBe("accepted");
    expect(refused({ headers: { "aeg-sas-key": "d3Jvbmc=", "aeg-sas-token": token(late) } }).code).toBe("accepted");
    expect(refused({ headers: { "aeg-sas-key": "d3Jvbmc=", "aeg-sas-token": "" } }).code).toBe("unauthorized");
  });

  it("[EG-AUTH-WRONG-KEY] names the host in upper case", () => {
    expect(refused({ headers: { "aeg-sas-key": "d3Jvbmc=" } })).toMatchObject({
      code: "unauthorized",
      message: "The request authorization key is not authorized for EXAMPLETOPIC.WESTUS2-1.EVENTGRID.AZURE.NET.",
    });
  });

  it("[EG-AUTH-WRONG-KEY] reports a key that is not Base64 without repeating it", () => {
    const { code, message } = refused({ headers: { "aeg-sas-key": "bad credential" } });
    expect(code).toBe("unauthorized");
    expect(message).toMatch(/^The request authorization key is not authorized for EXAMPLETOPIC\S+ This is due to/);
    expect(message).toContain("The input is not a valid Base-64 string as it contains a non-base 64 character,");
    expect(message).not.toContain("bad credential");
  });

  it.each([
    ["an empty key", { headers: { "aeg-sas-key": "" } }],
    ["an empty key in the query", { query: "aeg-sas-key=" }],
    ["an empty token", { headers: { "aeg-sas-token": "" } }],
    ["a scheme without token", { headers: { authorization: "SharedAccessSignature " } }],
  ])("[EG-AUTH-EMPTY] refuses %s as malformed", (_name, presented) => {
    expect(refused(presented).code).toBe("invalid_sas");
  });

  it("[EG-AUTH-EMPTY] refuses every key for a topic without keys", () => {
    const keyless = { ...topic, keys: { key1: "", key2: "" } };
    expect(refused({ headers: { "aeg-sas-key": "" }, topic: keyless }).code).toBe("invalid_sas");
    const unsigned = token(late, undefined, "");
    expect(byToken(unsigned, { topic: keyless })).toBe("unauthorized");
  });

  it.each([[{}], [{ headers: { authorization: "Basic eDp5" } }], [{ query: "aeg-sas-token=x" }]])(
    "[EG-AUTH-NONE] reports the missing credential: %o",
    (presented) => {
      expect(refused(presented)).toMatchObject({
        code: "unauthorized",
        message: "Request must contain one of the following authorization signature: aeg-sas-token, aeg-sas-key.",
      });
    },
  );

  it.each([[{ headers: { "aeg-sas-key": key1 } }], [{ headers: { "aeg-sas-token": token(late) } }]])(
    "[EG-AUTH-DISABLED] refuses a valid credential if local authentication is disabled",
    (presented) => {
      const disabled = { ...topic, properties: { ...topic.properties, disableLocalAuth: true } };
      expect(refused(presented).code).toBe("accepted");
      expect(refused({ ...presented, topic: disabled })).toMatchObject({
        code: "unauthorized",
        message: expect.stringContaining("are disabled for this topic") as string,
      });
    },
  );
});

describe("shared access signatures", () => {
  const vectors: [string, string][] = [
    [
      "JavaScript SDK",
      "r=https%3A%2F%2Fexampletopic.westus2-1.eventgrid.azure.net%2Fapi%2Fevents%3FapiVersion%3D2018-01-01&e=1%2F2%2F2030%201%3A04%3A05%20PM&s=%2FkiKtAOPmAjDxSqO9zio22G9h8rXZrnqmgWQgu8bALY%3D",
    ],
    [
      "Python SDK",
      "r=https%3A%2F%2Fexampletopic.westus2-1.eventgrid.azure.net%2Fapi%2Fevents%3FapiVersion%3D2018-01-01&e=2030-01-02%2013%3A04%3A05&s=aNOfX5%2FOG0Z2P54dfKjSjI8lvGjd%2Bl1gW%2BnUeZ%2BZCls%3D",
    ],
    [
      ".NET SDK",
      "r=https%3a%2f%2fexampletopic.westus2-1.eventgrid.azure.net%2fapi%2fevents%3fapi-version%3d2018-01-01&e=1%2f2%2f2030+1%3a04%3a05+PM+%2b00%3a00&s=C%2f8KVDmVdfExTRK9%2bLncF7Y88M29ZAHSWLZv5KY5dkw%3d",
    ],
    [
      "documentation's C#",
      "r=https%3a%2f%2fexampletopic.westus2-1.eventgrid.azure.net%2fapi%2fevents&e=1%2f2%2f2030+1%3a04%3a05+PM&s=lQT%2bZJG4Y5C8ZZlKkt0TYO2qXoyLuhN7AF%2fBRwJrSzM%3d",
    ],
  ];

  it.each(vectors)("[EG-SAS-SIGNATURE] accepts the vector of the %s until it expires", (_name, vector) => {
    expect(byToken(vector)).toBe("accepted");
    expect(byToken(vector, { at: expiresAt - 1 })).toBe("accepted");
    expect(byToken(vector, { at: expiresAt })).toBe("unauthorized");
  });

  it.each(vectors)(
    "[EG-SAS-SIGNATURE] refuses the vector of the %s with any one character changed",
    (_name, vector) => {
      const passing = Array.from(vector, (character, index) => {
        const changed = character === "A" ? "B" : "A";
        return vector.slice(0, index) + changed + vector.slice(index + 1);
      }).filter((altered) => byToken(altered) === "accepted");
      expect(passing).toEqual([]);
    },
  );

  it.each(vectors)(
    "[EG-SAS-SIGNATURE] refuses the vector of the %s written with the other case of hex digits",
    (_n, vector) => {
      const signed = vector.slice(0, vector.indexOf("&s="));
      const other = signed.replaceAll(/%[0-9a-f]{2}/gi, (digits) =>
        digits === digits.toUpperCase() ? digits.toLowerCase() : digits.toUpperCase(),
      );
      expect(byToken(other + vector.slice(signed.length))).toBe("unauthorized");
    },
  );

  it("[EG-SAS-SIGNATURE] are accepted when signed with either key, and with no other", () => {
    expect(byToken(token(late, undefined, key2))).toBe("accepted");
    expect(byToken(token(late, undefined, "d3Jvbmc="))).toBe("unauthorized");
  });

  it("[EG-SAS-CARRIER] may come in either header", () => {
    expect(refused({ headers: { authorization: `SharedAccessSignature ${token(late)}` } }).code).toBe("accepted");
    expect(refused({ headers: { authorization: `sharedaccesssignature  ${token(late)}` } }).code).toBe("accepted");
    expect(refused({ headers: { authorization: "SharedAccessSignature r=x" } }).code).toBe("unauthorized");
  });

  it("[EG-SAS-PLUS] may have a raw plus sign in the signature", () => {
    const raw = Array.from({ length: 50 }, (_, index) =>
      token(encodeURIComponent(`2030-01-02 13:04:${10 + index}`)),
    ).find((text) => text.slice(text.indexOf("&s=")).includes("%2B"));
    if (raw === undefined) throw new Error("no signature with a plus sign among these");
    expect(byToken(raw.replace(/&s=.*/, (signature) => signature.replaceAll("%2B", "+")))).toBe("accepted");
  });

  it.each([
    ["M/d/yyyy", "1/2/2030 1:04:05 PM"],
    ["M/d/yyyy with a narrow space", "1/2/2030 1:04:05\u202FPM"],
    ["M/d/yyyy with zone", "1/2/2030 3:04:05 PM +02:00"],
    ["SQL form", "2030-01-02 13:04:05"],
    ["SQL form with fraction", "2030-01-02 13:04:05.123456"],
    ["SQL form with zone", "2030-01-02 13:04:05+00:00"],
    ["ISO 8601 without zone", "2030-01-02T13:04:05"],
    ["ISO 8601 with fraction", "2030-01-02T13:04:05.000000"],
    ["ISO 8601", "2030-01-02T13:04:05Z"],
    ["ISO 8601 with offset", "2030-01-02T14:04:05+0100"],
  ])("[EG-SAS-EXPIRY] reads an expiry as UTC: %s", (_name, text) => {
    const sas = token(encodeURIComponent(text));
    expect(byToken(sas, { at: expiresAt - 1 })).toBe("accepted");
    expect(byToken(sas, { at: expiresAt })).toBe("unauthorized");
  });

  it.each([
    ["1/2/2030 12:00:00 AM", Date.UTC(2030, 0, 2)],
    ["1/2/2030 12:00:00 PM", Date.UTC(2030, 0, 2, 12)],
  ])("[EG-SAS-EXPIRY] distinguishes noon from midnight: %s", (text, at) => {
    const sas = token(encodeURIComponent(text));
    expect([byToken(sas, { at: at - 1 }), byToken(sas, { at })]).toEqual(["accepted", "unauthorized"]);
  });

  it.each([["never"], [""], ["13/40/2030 1:00:00 PM"], ["1/2/2030 13:00:00 PM"], ["1893589445"], ["%"], ["%ff"]])(
    "[EG-SAS-EXPIRY] refuses an expiry that is not a time: '%s'",
    (expiry) => {
      expect(byToken(token(expiry))).toBe("unauthorized");
    },
  );

  it("[EG-SAS-EXPIRY] reports that a token has expired", () => {
    expect(refused({ headers: { "aeg-sas-token": token(late) }, at: expiresAt }).message).toContain("has expired");
  });

  const local = { host: "127.0.0.1:6500", path: "/topics/exampletopic/api/events" };

  it.each<[string, string, Presented, string]>([
    ["the request's own address", "http://127.0.0.1:6500/topics/exampletopic/api/events", local, "accepted"],
    ["another scheme and a query", "https://127.0.0.1:6500/topics/exampletopic/api/events?x=1", local, "accepted"],
    ["a host in upper case", `HTTPS://${host.toUpperCase()}/api/events`, {}, "accepted"],
    ["the default port", `https://${host}:443/api/events`, {}, "accepted"],
    ["a trailing slash", `https://${host}/api/events/`, {}, "accepted"],
    ["the topic's own name as host", "https://ExampleTopic.local-1.eventgrid.localhost/api/events", local, "accepted"],
    ["another topic's host", "https://other.westus2-1.eventgrid.azure.net/api/events", {}, "unauthorized"],
    ["another topic's path", "http://127.0.0.1:6500/topics/other/api/events", local, "unauthorized"],
    ["another port", "http://127.0.0.1:6501/topics/exampletopic/api/events", local, "unauthorized"],
    ["a host that only begins so", `https://exampletopic2.eventgrid.localhost/api/events`, {}, "unauthorized"],
    ["no path", `https://${host}`, {}, "unauthorized"],
    ["no URL", "exampletopic", {}, "unauthorized"],
  ])("[EG-SAS-RESOURCE] compares host and path: %s", (_name, resource, presented, expected) => {
    expect(byToken(token(late, resource), presented)).toBe(expected);
  });

  it.each([
    ["r=a&e=b"],
    ["r=a&s=c&e=b"],
    ["r=a&r=a&e=b&s=c"],
    ["s=c"],
    ["&&&"],
    ["r=%&e=%&s=%"],
    [`${token(late)}&x=1`],
    ["x".repeat(16_000)],
  ])("[EG-SAS-SIGNATURE] refuses a text that is not a token: %s", (text) => {
    const { code, message } = refused({ headers: { "aeg-sas-token": text } });
    expect(code).toBe("unauthorized");
    expect(message).toMatch(/^The request authorization key is not authorized for EXAMPLETOPIC/);
  });
});
