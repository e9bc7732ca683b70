import { describe, expect, it, vi } from "vitest";
import {
  desiredDomain,
  desiredSubscription,
  desiredTopic,
  startEngineOfTest,
  type EngineHarness,
} from "../../../test/support/servers/engine-harness.ts";
import { openSlowStore } from "../../../test/support/fixtures/slow-writes.ts";
import { RingmainError } from "../../core/errors.ts";
import {
  domainId,
  domainTopicId,
  resourceGroupId,
  DEFAULT_SCOPE,
  storageAccountId,
  topicId,
} from "../../core/resources/resource-id.ts";
import type { DesiredRoleAssignment, DesiredSystemTopic, Resource } from "../../core/resources/resources.ts";
import { topicTypesOfSource } from "../../core/catalogue/topic-types.ts";

const start = (): Promise<EngineHarness> => startEngineOfTest({ store: openSlowStore() });
const numbers = Array.from({ length: 10 }, (_, index) => index);

/** Returns the result of each write: `done`, or the code of its error. */
async function outcomes(writes: readonly Promise<unknown>[]): Promise<string[]> {
  const settled = await Promise.allSettled(writes);
  return settled
    .map((write) => {
      if (write.status === "fulfilled") return "done";
      return write.reason instanceof RingmainError ? write.reason.code : String(write.reason);
    })
    .toSorted();
}

const tagged = (resource: Resource | undefined, name: string): Resource => {
  if (resource === undefined) throw new RingmainError("not_found", "deleted meanwhile");
  return { ...resource, tags: { ...resource.tags, [name]: "set" } };
};

describe("concurrent changes of one resource", () => {
  it("all take effect, each based on the result of the previous one", async () => {
    const { engine } = await start();
    const { controlPlane, directory } = engine;
    await Promise.all(
      numbers.map((number) =>
        controlPlane.change(topicId("orders"), (before) => tagged(before?.resource, `t${number}`)),
      ),
    );
    expect(Object.keys(directory.topicByName("orders")?.tags ?? {})).toHaveLength(numbers.length);
  });

  it("all take effect on a subscription, even during its handshake", async () => {
    const harness = await start();
    const { controlPlane, directory } = harness.engine;
    const { resource } = await controlPlane.put(desiredSubscription("hook"));
    await Promise.all(
      numbers.map((number) =>
        controlPlane.change(resource.id, (before) => {
          if (before?.resource.type !== "Microsoft.EventGrid/eventSubscriptions") throw new Error("no subscription");
          const { properties } = before.resource;
          const labels = [...(properties.labels ?? []), `l${number}`];
          return { ...before.resource, properties: { ...properties, labels } };
        }),
      ),
    );
    const found = () => directory.subscriptionsOf(topicId("orders"))[0]?.properties;
    expect(found()?.labels).toHaveLength(numbers.length);
    await vi.waitUntil(() => found()?.provisioningState === "Succeeded");
  });

  it("give each key regeneration a new key, and the last one stays", async () => {
    let keys = 0;
    const secretBytes = (bytes: number): Uint8Array => new Uint8Array(bytes).fill((keys += 1));
    const random = { next: () => 0, uuid: () => crypto.randomUUID(), secretBytes };
    const { engine } = await startEngineOfTest({ store: openSlowStore(), random });
    const results = await Promise.all(numbers.map(() => engine.controlPlane.regenerateKey(topicId("orders"), "key1")));
    expect(new Set(results.map(({ key1 }) => key1)).size).toBe(numbers.length);
    expect(engine.directory.topicByName("orders")?.keys).toEqual(results.at(-1));
  });

  it("are refused if the resource is deleted in the meantime, unless they create it", async () => {
    const { engine } = await start();
    const { controlPlane } = engine;
    const [changed, deleted] = await Promise.allSettled([
      controlPlane.change(topicId("orders"), (before) => tagged(before?.resource, "late")),
      controlPlane.delete(topicId("orders")),
    ]);
    expect(deleted).toEqual({ status: "fulfilled", value: true });
    expect(changed).toMatchObject({ status: "rejected", reason: { code: "not_found" } });
  });

  it("are refused with conflict, never with a failed precondition, if other nodes never stop changing it", async () => {
    const store = openSlowStore();
    const { engine } = await startEngineOfTest({ store });
    store.resources.put = () => Promise.reject(new RingmainError("precondition_failed", "somebody was faster"));
    await expect(engine.controlPlane.put({ ...desiredTopic(), tags: { a: "b" } })).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringContaining("orders"),
    });
  });
});

describe("resources that must be unique", () => {
  it("[EG-DOMAIN-AUTO-CREATE] ten concurrent subscriptions create one domain topic", async () => {
    const { engine } = await start();
    await engine.controlPlane.put(desiredDomain());
    const topic = domainTopicId(domainId("shops"), "north");
    const writes = numbers.map((number) => engine.controlPlane.put(desiredSubscription(`sub${number}`, {}, topic)));
    expect(new Set(await outcomes(writes))).toEqual(new Set(["done"]));
    expect(engine.directory.childrenOf(domainId("shops"))).toHaveLength(1);
    expect(engine.directory.subscriptionsOf(topic)).toHaveLength(numbers.length);
  });

  it("[EG-SYSTEM-TOPIC-IMPLICIT] ten concurrent subscriptions create one system topic, the same on every node", async () => {
    const source = storageAccountId("photos");
    const names = new Set<string>();
    for (const { engine } of [await start(), await start()]) {
      await Promise.all(
        numbers.map((number) => engine.controlPlane.put(desiredSubscription(`sub${number}`, {}, source))),
      );
      for (const { name } of engine.directory.systemTopicsOf(source)) names.add(name);
    }
    expect(names.size).toBe(1);
  });

  it("[EG-SYSTEM-TOPIC-SOURCE] one of two concurrent system topics for a source is created, on any node", async () => {
    const { engine } = await start();
    const source = storageAccountId("photos");
    const topicType = topicTypesOfSource(source)[0]?.name ?? "";
    const named = (name: string): DesiredSystemTopic => ({
      id: `${resourceGroupId(DEFAULT_SCOPE)}/providers/Microsoft.EventGrid/systemTopics/${name}`,
      name,
      type: "Microsoft.EventGrid/systemTopics",
      location: "local",
      properties: { source, topicType },
    });
    const writes = [
      engine.controlPlane.put(named("one")),
      engine.controlPlane.put(named("two")),
      engine.controlPlane.put(desiredSubscription("third", {}, source)),
    ];
    expect(await outcomes(writes)).toEqual(["done", "done", "invalid_request"]);
    expect(engine.directory.systemTopicsOf(source)).toHaveLength(1);
  });

  it("[ARM-ROLE-ASSIGNMENT] one of ten concurrent assignments of the same role is created", async () => {
    const { engine } = await start();
    const assignment = (name: string): DesiredRoleAssignment => ({
      id: `${topicId("orders")}/providers/Microsoft.Authorization/roleAssignments/${name}`,
      name,
      type: "Microsoft.Authorization/roleAssignments",
      location: "local",
      properties: {
        scope: topicId("orders"),
        roleDefinitionId: "/providers/Microsoft.Authorization/roleDefinitions/d5a91429-5739-47e2-a06b-3470a27159e7",
        principalId: "5ae6b4ec-7d32-4a3f-8f3f-0b1f3c6d8a11",
        principalType: "User",
        createdAt: 0,
      },
    });
    const ended = await outcomes(numbers.map((number) => engine.controlPlane.put(assignment(`a${number}`))));
    expect(ended.filter((outcome) => outcome === "done")).toHaveLength(1);
    expect(new Set(ended)).toEqual(new Set(["done", "role_assignment_exists"]));
  });

  it("[EG-STORAGE-ACCOUNT-NAME] one of two concurrent storage accounts with the same name is created", async () => {
    const { engine } = await start();
    const account = (resourceGroup: string) => ({
      id: `${resourceGroupId({ ...DEFAULT_SCOPE, resourceGroup })}/providers/Microsoft.Storage/storageAccounts/photos`,
      name: "photos",
      type: "Microsoft.Storage/storageAccounts" as const,
      location: "local",
      properties: {},
    });
    const writes = ["one", "two"].map((group) => engine.controlPlane.put(account(group)));
    expect(await outcomes(writes)).toEqual(["account_name_taken", "done"]);
  });
});
