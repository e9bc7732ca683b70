import type { LockToken, QueueName } from "../../../core/delivery.ts";
import type { SettleResult } from "../../../ports/delivery-queue.ts";
import { allDone } from "./all-done.ts";
import type { LockClaim, LockTokens } from "./lock-tokens.ts";
import type { QueueAddress } from "../link/names.ts";
import type { NodeChannel } from "../link/node-channel.ts";
import type { SettleStep } from "../link/settle-step.ts";
import type { Settling } from "./settling.ts";

/** Dependencies of a {@link SettleRouter}. */
export interface SettleRouterDependencies {
  readonly channel: NodeChannel;
  readonly tokens: LockTokens;
  readonly settling: Settling;
  /** Settles locks that this node issued. */
  readonly own: (queue: QueueName, locals: readonly LockToken[], step: SettleStep) => Promise<SettleResult[]>;
}

/** A token's index in the call, and its contents. */
interface Placed {
  readonly index: number;
  readonly claim: LockClaim;
}

/**
 * Sends each token of a settling call to the node that issued its lock. If that node no longer exists, settles the
 * token on this node.
 */
export class SettleRouter {
  readonly #dependencies: SettleRouterDependencies;

  constructor(dependencies: SettleRouterDependencies) {
    this.#dependencies = dependencies;
  }

  async settle(
    queue: QueueName,
    address: QueueAddress,
    tokens: readonly LockToken[],
    step: SettleStep,
  ): Promise<SettleResult[]> {
    const results: SettleResult[] = tokens.map(() => "unknown-token");
    const byNode = new Map<string, Placed[]>();
    for (const [index, token] of tokens.entries()) {
      const claim = this.#dependencies.tokens.verify(queue, address, token);
      if (claim === undefined) continue;
      const group = byNode.get(claim.node);
      if (group === undefined) byNode.set(claim.node, [{ index, claim }]);
      else group.push({ index, claim });
    }
    await allDone(
      Array.from(byNode, async ([node, group]) => {
        const claims = group.map(({ claim }) => claim);
        const settled = await this.#settleAt(node, queue, address, claims, step);
        for (const [at, { index }] of group.entries()) results[index] = settled[at] ?? "unknown-token";
      }),
    );
    return results;
  }

  async #settleAt(
    node: string,
    queue: QueueName,
    address: QueueAddress,
    claims: readonly LockClaim[],
    step: SettleStep,
  ): Promise<readonly SettleResult[]> {
    const { channel, settling, own } = this.#dependencies;
    const locals = claims.map(({ local }) => local);
    if (node === channel.node) return own(queue, locals, step);
    const settled = await channel.settleAt(node, queue, locals, step);
    if (settled !== undefined) return settled;
    const results: SettleResult[] = [];
    // Sequential, because the call may contain a token twice.
    for (const claim of claims) results.push(await settling.settleOrphaned(address, claim, step));
    return results;
  }
}
