import { AttemptError } from "./attempt.ts";

/** A connection that many attempts share. */
export interface SharedConnection {
  /** Once it is not, it never is again. */
  readonly usable: boolean;
  /** Ends everything under way. Idempotent. */
  close(): Promise<void>;
}

interface Held<Connection> {
  /** What it was opened with: another connection string gets another connection. */
  readonly connectionString: string;
  readonly opening: Promise<Connection>;
}

/**
 * One connection for each configured name, opened by the first attempt that needs it. One that failed is opened anew by
 * the next attempt: how often that is, is the retry schedule's business.
 */
export class SharedConnections<Connection extends SharedConnection> {
  readonly #open: (connectionString: string) => Promise<Connection>;
  readonly #held = new Map<string, Held<Connection>>();
  #closed = false;

  /** @param open rejects with what an attempt is to fail with; bounds its own time */
  constructor(open: (connectionString: string) => Promise<Connection>) {
    this.#open = open;
  }

  /** A usable connection. Rejects with what `open` rejects with. */
  async get(name: string, connectionString: string): Promise<Connection> {
    if (this.#closed) throw new AttemptError("Aborted", "given up: Ringmain is stopping");
    const held = this.#held.get(name);
    if (held !== undefined && held.connectionString === connectionString) {
      const connection = await held.opening;
      if (connection.usable) return connection;
      // Of several that find it broken, one opens it again.
      if (this.#held.get(name) !== held) return this.get(name, connectionString);
    } else if (held !== undefined) {
      void closeHeld(held);
    }
    const opened = { connectionString, opening: this.#open(connectionString) };
    this.#held.set(name, opened);
    try {
      return await opened.opening;
    } catch (thrown) {
      if (this.#held.get(name) === opened) this.#held.delete(name);
      throw thrown;
    }
  }

  /** Closes all connections. Idempotent. */
  async close(): Promise<void> {
    this.#closed = true;
    const held = [...this.#held.values()];
    this.#held.clear();
    await Promise.all(held.map(closeHeld));
  }
}

async function closeHeld({ opening }: Held<SharedConnection>): Promise<void> {
  try {
    await (await opening).close();
  } catch {
    // It never opened.
  }
}
