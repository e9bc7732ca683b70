/** The only source of randomness. Seeded in tests. */
export interface Random {
  /** Returns a number from [0, 1), uniformly distributed. Not for secrets. */
  next(): number;
  /** Returns a new RFC 4122 UUID in lower case. */
  uuid(): string;
  /** Returns `bytes` unpredictable bytes, for keys and validation codes. */
  secretBytes(bytes: number): Uint8Array;
}
