import { generateKeyPairSync } from "node:crypto";
import { describe, expect, it } from "vitest";
import { countingRandom } from "../../../test/support/fixtures/counting-random.ts";
import { oneRsaKey } from "../../../test/support/fixtures/rsa-keys.ts";
import type { LocalIssuer } from "../../auth/local-issuer/local-issuer.ts";
import { MemorySecrets } from "../../stores/memory/memory-secrets.ts";
import { ManualClock } from "../../testing/manual-clock.ts";
import { createLocalIssuer } from "./token-access.ts";

const newKey = oneRsaKey();
const INSTANCE = "22222222-2222-2222-2222-22222222222a";

/** Creates the issuer of a development server whose store has these secrets. */
async function createFrom(kept: Readonly<Record<string, string>>): Promise<LocalIssuer | undefined> {
  const secrets = new MemorySecrets();
  for (const [name, secret] of Object.entries(kept)) await secrets.obtain(name, async () => secret);
  return createLocalIssuer({ clients: [], mode: "dev" }, secrets, new ManualClock(), countingRandom());
}

/** Returns a private key that cannot sign tokens. */
function wrongKey(kind: "short" | "elliptic" | "PKCS #1"): string {
  const { privateKey } =
    kind === "elliptic"
      ? generateKeyPairSync("ec", { namedCurve: "P-256" })
      : generateKeyPairSync("rsa", { modulusLength: kind === "short" ? 1_024 : 2_048 });
  return privateKey.export({ format: "pem", type: kind === "PKCS #1" ? "pkcs1" : "pkcs8" } as never).toString();
}

describe("[EG-ISSUER-INSTANCE] the secrets of the issuer", () => {
  it("are used as they are kept", async () => {
    const issuer = await createFrom({ "token-instance.dev": INSTANCE, "token-key.dev": await newKey() });
    expect(issuer?.instance).toBe(INSTANCE);
    expect((await issuer?.keys())?.keys).toMatchObject([{ kty: "RSA" }]);
  });

  it.each([
    ["is empty", ""],
    ["is no text of a key", "\0\0\0"],
    ["is cut", "-----BEGIN PRIVATE KEY-----\nMIIE"],
    ["is too short", wrongKey("short")],
    ["is of another kind", wrongKey("elliptic")],
    ["has another format", wrongKey("PKCS #1")],
  ])("are refused with a remedy if the key %s", async (_what, key) => {
    await expect(createFrom({ "token-instance.dev": INSTANCE, "token-key.dev": key })).rejects.toMatchObject({
      code: "store_unavailable",
      message: expect.stringMatching(
        /'token-key\.dev' is not a private RSA key.*'secrets\/token-key\.dev'.*delete/,
      ) as string,
    });
  });

  it.each(["", "x", INSTANCE.toUpperCase(), `${INSTANCE}\n`])(
    "are refused with a remedy if the instance is %j",
    async (instance) => {
      await expect(createFrom({ "token-instance.dev": instance })).rejects.toMatchObject({
        code: "store_unavailable",
        message: expect.stringMatching(/'token-instance\.dev' is not a GUID.*'secrets\/token-instance\.dev'/) as string,
      });
    },
  );
});
