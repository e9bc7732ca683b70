import { AttemptError } from "./attempt.ts";

/** A connection that is shared by many attempts. */
export interface SharedConnection {
  /** Whether the connection works. Once `false`, it stays `false`. */
  readonly usable: boolean;
  /** Aborts all work in progress. Idempotent. */
  close(): Promise<void>;
}

interface Held<Connection> {
  /** The connection string that it was opened with. A changed one requires a new connection. */
  readonly connectionString: string;
  readonly opening: Promise<Connection>;
}

/**
 * One connection for each configured name. The first attempt that needs a connection opens it. After a failure, the
 * next attempt opens a new one, so the retry schedule determines how often that happens.
 */
export class SharedConnections<Connection extends SharedConnection> {
  readonly #open: (connectionString: string) => Promise<Connection>;
  readonly #held = new Map<string, Held<Connection>>();
  #closed = false;

  /** @param open opens a connection within its own timeout; its error becomes the error of the attempt */
  constructor(open: (connectionString: string) => Promise<Connection>) {
    this.#open = open;
  }

  /** Resolves with a usable connection. Rejects with the error of `open`. */
  async get(name: string, connectionString: string): Promise<Connection> {
    if (this.#closed) throw new AttemptError("Aborted", "given up: Ringmain is stopping");
    const held = this.#held.get(name);
    if (held !== undefined && held.connectionString === connectionString) {
      const connection = await held.opening;
      if (connection.usable) return connection;
      // If several attempts find it broken, only one of them opens a new one.
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
    // The connection was never open.
  }
}
