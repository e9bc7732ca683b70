import { describe, expect, it } from "vitest";
import { topicId } from "../../src/core/resources/resource-id.ts";
import type { TopicResource } from "../../src/core/resources/resources.ts";
import type { ResourceChange, ResourceStore } from "../../src/ports/resource-store.ts";
import { withStore, type OpenStoreUnderTest } from "./store-under-test.ts";

function topic(name: string, location = "local"): TopicResource {
  return {
    id: topicId(name),
    name,
    type: "Microsoft.EventGrid/topics",
    uid: `uid-of-${name}`,
    location,
    tags: { purpose: "tests", größe: "ganz klein" },
    keys: { key1: "a2V5MQ==", key2: "a2V5Mg==" },
    properties: { inputSchema: "EventGridSchema" },
  };
}

const any = { kind: "any" } as const;
const absent = { kind: "absent" } as const;
const failed = { code: "precondition_failed" };

/** Tests the contract of every resource store. */
export function resourceStoreContract(
  name: string,
  open: OpenStoreUnderTest,
  capabilities: { readonly durable: boolean },
): void {
  const test = (title: string, use: (resources: ResourceStore) => Promise<void>): void => {
    it(title, () => withStore(open, ({ store }) => use(store.resources)));
  };

  describe(`${name}: resource store`, () => {
    test("is empty at first", async (resources) => {
      expect(await resources.list()).toEqual([]);
      expect(await resources.get(topicId("none"))).toBeUndefined();
      expect(await resources.delete(topicId("none"), any)).toBe(false);
    });

    test("returns a stored resource for an id in any case", async (resources) => {
      const stored = await resources.put(topic("Orders"), any);
      expect(stored.resource).toEqual(topic("Orders"));
      expect(await resources.get(topicId("Orders"))).toEqual(stored);
      expect(await resources.get(topicId("ORDERS").toUpperCase())).toEqual(stored);
    });

    test("replaces a resource put under another case of its id", async (resources) => {
      await resources.put(topic("Orders"), any);
      const replaced = await resources.put(topic("ORDERS", "elsewhere"), any);
      expect(await resources.list()).toEqual([replaced]);
      expect(await resources.delete(topicId("orders"), any)).toBe(true);
      expect(await resources.list()).toEqual([]);
    });

    test("lists by id", async (resources) => {
      for (const each of ["b", "C", "a", "B2"]) await resources.put(topic(each), any);
      expect((await resources.list()).map(({ resource }) => resource.name)).toEqual(["a", "b", "B2", "C"]);
    });

    test("changes the etag with every write, also when nothing else changes", async (resources) => {
      const etags: string[] = [];
      for (let write = 0; write < 3; write += 1) etags.push((await resources.put(topic("orders"), any)).etag);
      await resources.delete(topicId("orders"), any);
      etags.push((await resources.put(topic("orders"), any)).etag);
      expect(new Set(etags).size).toBe(4);
      expect((await resources.get(topicId("orders")))?.etag).toBe(etags.at(-1));
    });

    test("creates with If-None-Match only if there is no resource", async (resources) => {
      const first = await resources.put(topic("orders"), absent);
      await expect(resources.put(topic("ORDERS", "elsewhere"), absent)).rejects.toMatchObject(failed);
      expect(await resources.get(topicId("orders"))).toEqual(first);
      await expect(resources.delete(topicId("orders"), absent)).rejects.toMatchObject(failed);
    });

    test("replaces with an etag only if it is the latest", async (resources) => {
      const { etag: stale } = await resources.put(topic("orders"), any);
      const { etag } = await resources.put(topic("orders"), { kind: "etag", etag: stale });
      await expect(resources.put(topic("orders"), { kind: "etag", etag: stale })).rejects.toMatchObject(failed);
      await expect(resources.delete(topicId("orders"), { kind: "etag", etag: stale })).rejects.toMatchObject(failed);
      expect(await resources.delete(topicId("orders"), { kind: "etag", etag })).toBe(true);
      await expect(resources.put(topic("orders"), { kind: "etag", etag })).rejects.toMatchObject(failed);
      await expect(resources.delete(topicId("orders"), { kind: "etag", etag })).rejects.toMatchObject(failed);
    });

    test("accepts one of several concurrent writers", async (resources) => {
      const { etag } = await resources.put(topic("orders"), any);
      const writes = await Promise.allSettled(
        Array.from({ length: 8 }, (_, index) =>
          resources.put(topic("orders", `place-${index}`), { kind: "etag", etag }),
        ),
      );
      const won = writes.filter((write) => write.status === "fulfilled");
      expect(won).toHaveLength(1);
      expect(await resources.get(topicId("orders"))).toEqual(won[0]?.value);
    });

    test("notifies watchers of every change, in order, and of no failed write", async (resources) => {
      const changes: ResourceChange[] = [];
      await resources.put(topic("before"), any);
      const stop = resources.watch((change) => changes.push(change));
      const first = await resources.put(topic("orders"), any);
      await resources.put(topic("orders"), absent).catch(() => {});
      const second = await resources.put(topic("orders", "elsewhere"), any);
      await resources.delete(topicId("orders"), any);
      await resources.delete(topicId("orders"), any);
      stop();
      await resources.put(topic("after"), any);
      expect(changes).toEqual([
        { id: topicId("orders"), after: first },
        { id: topicId("orders"), after: second },
        { id: topicId("orders"), after: undefined },
      ]);
    });

    test("has notified its watchers of a write, and of the one it lost to, when the write ends", async (resources) => {
      const latest = new Map<string, string | undefined>();
      resources.watch(({ id, after }) => latest.set(id, after?.etag));
      const id = topicId("orders");
      const first = await resources.put(topic("orders"), absent);
      expect(latest.get(id)).toBe(first.etag);
      const writes = Array.from({ length: 4 }, async (_, index) => {
        const etag = first.etag;
        await resources.put(topic("orders", `place-${index}`), { kind: "etag", etag }).catch(() => {});
        return [latest.get(id) === etag, (await resources.get(id))?.etag === etag];
      });
      expect(new Set((await Promise.all(writes)).flat())).toEqual(new Set([false]));
      await resources.delete(id, any);
      expect(latest.get(id)).toBeUndefined();
    });

    test("notifies a watcher only once the change can be read, and a watcher that throws affects no other", async (resources) => {
      const seen: unknown[] = [];
      resources.watch(() => {
        throw new Error("a watcher's own trouble");
      });
      resources.watch(({ id }) => seen.push(resources.get(id)));
      const stored = await resources.put(topic("orders"), any);
      expect(await Promise.all(seen)).toEqual([stored]);
    });

    if (capabilities.durable) {
      it("has all resources when it is opened again, and never repeats an etag", () =>
        withStore(open, async ({ store: { resources }, reopen }) => {
          const kept = await resources.put(topic("kept"), any);
          const { etag } = await resources.put(topic("gone"), any);
          await resources.delete(topicId("gone"), any);
          const again = (await reopen()).resources;
          expect(await again.list()).toEqual([kept]);
          expect([kept.etag, etag]).not.toContain((await again.put(topic("gone"), any)).etag);
          await again.put(topic("kept", "elsewhere"), { kind: "etag", etag: kept.etag });
        }));
    }
  });
}
