import type { Store } from "../../src/ports/store.ts";

/** An empty store for one test. */
export interface StoreUnderTest {
  readonly store: Store;
  /** Closes the store and opens it again. For durable stores. */
  readonly reopen: () => Promise<Store>;
  readonly dispose: () => Promise<void>;
}

/** Opens an empty store. */
export type OpenStoreUnderTest = () => Promise<StoreUnderTest>;

/** Calls `use` with an empty store, and disposes of it afterwards, also after a failure. */
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
