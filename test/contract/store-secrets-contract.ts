import { describe, expect, it } from "vitest";
import type { StoreSecrets } from "../../src/ports/store-secrets.ts";
import { withStore, type OpenStoreUnderTest } from "./store-under-test.ts";

const never = (): Promise<string> => Promise.reject(new Error("it is there already"));

/** Tests the contract of every store's secrets. */
export function storeSecretsContract(name: string, open: OpenStoreUnderTest): void {
  const test = (title: string, use: (secrets: StoreSecrets) => Promise<void>): void => {
    it(title, () => withStore(open, ({ store }) => use(store.secrets)));
  };

  describe(`${name}: secrets`, () => {
    test("are created once, each under its name", async (secrets) => {
      expect(await secrets.obtain("token-key.dev", async () => "one")).toBe("one");
      expect(await secrets.obtain("token-key.dev", never)).toBe("one");
      expect(await secrets.obtain("token-key.production", async () => "an\nother")).toBe("an\nother");
      expect(await secrets.obtain("token-key.dev", never)).toBe("one");
    });

    test("are the same for all callers that create one at the same time", async (secrets) => {
      const secretsOfCallers = ["one", "two", "three"].map((text) => secrets.obtain("token-key.dev", async () => text));
      const [first, ...others] = await Promise.all(secretsOfCallers);
      expect(others).toEqual([first, first]);
      expect(await secrets.obtain("token-key.dev", never)).toBe(first);
    });

    test("are found if there is one, and are not created by that", async (secrets) => {
      expect(await secrets.find("token-key.dev")).toBeUndefined();
      await secrets.obtain("token-key.dev", async () => "one");
      expect(await secrets.find("token-key.dev")).toBe("one");
      expect(await secrets.find("token-key.production")).toBeUndefined();
    });

    test("can be created after a failed attempt", async (secrets) => {
      await expect(secrets.obtain("token-key.dev", never)).rejects.toThrow("it is there already");
      expect(await secrets.obtain("token-key.dev", async () => "one")).toBe("one");
    });

    it("are kept when the store is closed and opened again", () =>
      withStore(open, async ({ store, reopen }) => {
        await store.secrets.obtain("token-key.dev", async () => "one");
        expect(await (await reopen()).secrets.obtain("token-key.dev", never)).toBe("one");
      }));
  });
}
