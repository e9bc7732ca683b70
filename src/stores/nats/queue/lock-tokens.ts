import { createHmac, timingSafeEqual } from "node:crypto";
import type { LockToken, QueueName } from "../../../core/delivery.ts";
import type { EpochMs } from "../../../core/time.ts";
import type { QueueAddress } from "../link/names.ts";

/** Contents of a token. */
export interface LockClaim {
  /** The node that issued the lock, and the lock's token there. */
  readonly node: string;
  readonly local: LockToken;
  /** Sequence of the delivery's message in its stream. */
  readonly sequence: number;
  /** End of the lock when it was issued. Renewing a lock does not change its token. */
  readonly until: EpochMs;
  /** Subject for acknowledging the message. */
  readonly ackSubject: string;
}

const ACK_PREFIX = "$JS.ACK.";
const MAC_BYTES = 16;

/**
 * Lock tokens that every node of a store can verify: `<local token>.<until>.<authentication code>.<acknowledgement
 * subject without its prefix>`. The code authenticates the token and its queue with a key that only the nodes have. In
 * addition, the subject must belong to the queue's consumer, so that a token cannot make a node publish to any other
 * subject.
 */
export class LockTokens {
  readonly #key: Uint8Array;

  constructor(key: Uint8Array) {
    this.#key = key;
  }

  /** Creates a token. `local` has the form `<node>-<sequence in base 36>-<number>`, as a `LockTable` creates it. */
  sign(queue: QueueName, local: LockToken, until: EpochMs, ackSubject: string): LockToken {
    const tail = ackSubject.slice(ACK_PREFIX.length);
    const end = Math.ceil(until).toString(36);
    return `${local}.${end}.${this.#code(queue, local, end, tail)}.${tail}` as LockToken;
  }

  /** Returns the contents of a token; `undefined` if it is not a valid token of this queue. */
  verify(queue: QueueName, address: QueueAddress, token: LockToken): LockClaim | undefined {
    const [, local, end, code, tail] = /^([\w-]{1,80})\.(\w{1,12})\.([\w-]{22})\.([\w.~-]{1,600})$/.exec(token) ?? [];
    if (local === undefined || end === undefined || code === undefined || tail === undefined) return undefined;
    const expected = this.#code(queue, local, end, tail);
    if (!timingSafeEqual(Buffer.from(code), Buffer.from(expected))) return undefined;
    const [node, sequence] = local.split("-");
    if (node === undefined || sequence === undefined || !this.#isAckOf(address, tail)) return undefined;
    return {
      node,
      local: local as LockToken,
      sequence: Number.parseInt(sequence, 36),
      until: Number.parseInt(end, 36),
      ackSubject: ACK_PREFIX + tail,
    };
  }

  /**
   * Returns whether an acknowledgement subject belongs to a queue. Newer servers may add a domain and an account at the
   * start, and a random token at the end.
   */
  #isAckOf({ stream, consumer }: QueueAddress, tail: string): boolean {
    const parts = tail.split(".");
    const at = parts[0] === stream && parts[1] === consumer ? 0 : 2;
    const numbers = parts.slice(at + 2, at + 7);
    return (
      parts[at] === stream &&
      parts[at + 1] === consumer &&
      numbers.length === 5 &&
      numbers.every((number) => /^\d+$/.test(number)) &&
      parts.length <= at + 8
    );
  }

  #code(queue: QueueName, local: string, end: string, tail: string): string {
    const text = `${queue}\n${local}\n${end}\n${tail}`;
    return createHmac("sha256", this.#key).update(text).digest().subarray(0, MAC_BYTES).toString("base64url");
  }
}
