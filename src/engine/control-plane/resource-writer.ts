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
 * Maximum number of tries of one change. A try fails only if a write of another node succeeded, and each node writes a
 * resource once at a time, so real clusters need far fewer.
 */
const TRIES = 100;

/** Returns the desired resource for a stored one, or `undefined` if none is stored. May throw. */
export type Decision = (before: StoredResource | undefined) => DesiredResource;

/** Writes single resources. Writes of one resource take turns. [ARM-TURNS] */
export class ResourceWriter {
  readonly #dependencies: ControlPlaneDependencies;
  readonly #rules: RuleCheck;
  readonly #turns = new Turns();
  /** Turns of writes that claim the same name or source. Taken within the turn of a resource, never around it. */
  readonly #claims = new Turns();

  constructor(dependencies: ControlPlaneDependencies) {
    this.#dependencies = dependencies;
    this.#rules = createRuleCheck(dependencies);
  }

  /**
   * Writes the resource that `decide` returns. Calls `decide` again if another node wrote first. Rejects with the
   * error of `decide`, with the problems of the resource, or with `conflict` if other nodes never stop changing it.
   *
   * @param declared whether the configuration file declares the resource
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
    const release = this.#rules.enter(desired, { isNew, declared, now });
    let after: StoredResource;
    try {
      kind.checkRelations(desired, { directory, now, isNew, relaxed });
      after = await resources.put(resource, condition);
    } finally {
      release();
    }
    kind.written(resource, this.#dependencies);
    return after;
  }
}

function isLostRace(thrown: unknown): boolean {
  return thrown instanceof RingmainError && thrown.code === "precondition_failed";
}
