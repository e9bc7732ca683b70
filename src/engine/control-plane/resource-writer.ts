import { RingmainError } from "../../core/errors.ts";
import { isSameJson } from "../../core/json.ts";
import { resourceKey } from "../../core/resources/resource-id.ts";
import type { DesiredResource } from "../../core/resources/resources.ts";
import { Turns } from "../../core/async/turns.ts";
import type { StoredResource, WriteCondition } from "../../ports/resource-store.ts";
import type { ControlPlaneDependencies } from "./dependencies.ts";
import { managedKind } from "./kinds/index.ts";
import { createRuleCheck, type RuleCheck } from "./resource-rule-check.ts";

/**
 * A change that other nodes keep getting ahead of is given up after so many tries. Each try loses to a write that got
 * through, and a node has one change of a resource under way at a time, so that this is far more than nodes need.
 */
const TRIES = 100;

/** Returns the resource to write, from what is there. May throw. */
export type Decision = (before: StoredResource | undefined) => DesiredResource;

/** Writes single resources, one write of a resource at a time. [ARM-TURNS] */
export class ResourceWriter {
  readonly #dependencies: ControlPlaneDependencies;
  readonly #rules: RuleCheck;
  readonly #turns = new Turns();
  /** Turns of what only one resource may have; taken within the turn of a resource, never around it. */
  readonly #claims = new Turns();

  constructor(dependencies: ControlPlaneDependencies) {
    this.#dependencies = dependencies;
    this.#rules = createRuleCheck(dependencies);
  }

  /**
   * Writes what `decide` returns, deciding again when another node was faster. Rejects with what `decide` throws, with
   * what is wrong with the resource, and with `conflict` when other nodes never stop changing it.
   *
   * @param declared by the configuration file
   */
  write(id: string, decide: Decision, declared: boolean): Promise<StoredResource> {
    return this.#turns.take(resourceKey(id), async () => {
      for (let tries = 1; tries <= TRIES; tries += 1) {
        const before = this.#dependencies.directory.get(id);
        const desired = decide(before);
        try {
          return await this.#claims.takeAll(managedKind(desired).claims(desired), () =>
            this.#writeOnce(desired, before, declared),
          );
        } catch (thrown) {
          if (!isLostRace(thrown)) throw thrown;
        }
      }
      throw new RingmainError("conflict", `'${id}' is being changed by others. Try again later.`);
    });
  }

  async #writeOnce(
    desired: DesiredResource,
    before: StoredResource | undefined,
    declared: boolean,
  ): Promise<StoredResource> {
    const { clock, directory, random, resources, relaxedLimits: relaxed = false } = this.#dependencies;
    const kind = managedKind(desired);
    const uid = before?.resource.uid ?? random.uuid();
    const resource = kind.complete(desired, before?.resource, { dependencies: this.#dependencies, uid });
    if (before !== undefined && isSameJson(before.resource, resource)) return before;
    const isNew = before === undefined;
    const condition: WriteCondition = isNew ? { kind: "absent" } : { kind: "etag", etag: before.etag };
    const now = clock.now();
    const done = this.#rules.enter(desired, { isNew, declared, now });
    let after: StoredResource;
    try {
      kind.checkRelations(desired, { directory, now, isNew, relaxed });
      after = await resources.put(resource, condition);
    } finally {
      done();
    }
    kind.written(resource, this.#dependencies);
    return after;
  }
}

function isLostRace(thrown: unknown): boolean {
  return thrown instanceof RingmainError && thrown.code === "precondition_failed";
}
