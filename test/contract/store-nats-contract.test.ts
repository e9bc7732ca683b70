import { afterAll, beforeAll } from "vitest";
import { NATS_CAPABILITIES } from "../../src/stores/nats/queue/nats-delivery-queue.ts";
import { emptyNatsStore } from "../support/servers/run-nats-store.ts";
import { runNats, type RunningNats } from "../support/servers/run-nats.ts";
import { deliveryQueueContract } from "./delivery-queue-contract.ts";
import { deliveryQueueModel } from "./delivery-queue-model.ts";
import { resourceStoreContract } from "./resource-store-contract.ts";
import { storeSecretsContract } from "./store-secrets-contract.ts";
import type { OpenStoreUnderTest } from "./store-under-test.ts";

let nats: RunningNats;
beforeAll(async () => {
  nats = await runNats();
});
afterAll(() => nats?.stop());

const openNats: OpenStoreUnderTest = async () => {
  const { open, dispose } = emptyNatsStore(nats);
  let store = await open();
  return {
    store,
    reopen: async () => {
      await store.close();
      store = await open();
      return store;
    },
    dispose,
  };
};

deliveryQueueContract("nats", openNats, NATS_CAPABILITIES);
deliveryQueueModel("nats", openNats, NATS_CAPABILITIES, 0);
resourceStoreContract("nats", openNats, NATS_CAPABILITIES);
storeSecretsContract("nats", openNats);
