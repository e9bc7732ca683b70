import type { Store } from "../../src/ports/store.ts";

/** An empty store for one test. */
export interface StoreUnderTest {
  readonly store: Store;
  /** Closes the store and opens what it left; for durable stores. */
  readonly reopen: () => Promise<Store>;
  readonly dispose: () => Promise<void>;
}

/** Makes an empty store. */
export type OpenStoreUnderTest = () => Promise<StoreUnderTest>;

/** Lends an empty store to `use`, and disposes of it however that ends. */
export async function withStore(
  open: OpenStoreUnderTest,
  use: (subject: StoreUnderTest) => Promise<void>,
): Promise<void> {
  const subject = await open();
  try {
    await use(subject);
  } finally {
    await subject.dispose();
  }
}
