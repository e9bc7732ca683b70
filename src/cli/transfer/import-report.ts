import { isSameJson, type JsonObject } from "../../core/json.ts";
import { resourceGroupId, scopeOf } from "../../core/resources/resource-id.ts";
import { ExitError } from "../exit-error.ts";
import type { ManagementClient } from "../management-client.ts";
import type { Output } from "../output.ts";

/** What became of a resource. */
type Outcome = "created" | "changed" | "unchanged" | "refused" | "skipped";

/** Tells people and scripts what became of each resource, and remembers whether all went well. */
export class ImportReport {
  readonly #output: Output;
  #refused = 0;

  constructor(output: Output) {
    this.#output = output;
  }

  /** A resource, by its ARM id, and what there is to say about it. */
  tell(id: string, outcome: Outcome, detail?: string): void {
    if (outcome === "refused") this.#refused += 1;
    const fields = { id, outcome, ...(detail === undefined ? {} : { detail }) };
    const shown = `${outcome.padEnd(9)}  ${id.replace(/^\/subscriptions\/[^/]+\/resourceGroups\//i, "")}`;
    this.#output.report("imported", fields, detail === undefined ? shown : `${shown}\n           ${detail}`);
  }

  /** Carries a change out, and tells what it came to. Whether it was done. */
  async carryOut(client: ManagementClient, id: string, body: JsonObject, notes: readonly string[]): Promise<boolean> {
    try {
      const before = await client.find(id);
      const after = await client.put(id, body);
      this.tell(id, outcomeOf(before, after), notes.length === 0 ? undefined : notes.join("; "));
      return true;
    } catch (thrown) {
      if (!(thrown instanceof ExitError)) throw thrown;
      this.tell(id, "refused", [...thrown.lines, ...notes].join("; "));
      return false;
    }
  }

  /** Makes the resource group that an id is in, if it is not there. */
  async requireGroup(client: ManagementClient, id: string, location = "local"): Promise<void> {
    const group = resourceGroupId(scopeOf(id));
    if (!/\/resourceGroups\//i.test(id) || (await client.find(group)) !== undefined) return;
    await client.put(group, { location });
    this.tell(group, "created");
  }

  /** Ends the command with exit code 1 when something was refused. */
  end(): void {
    if (this.#refused === 0) return;
    throw new ExitError(1, [`${this.#refused} resource${this.#refused === 1 ? " was" : "s were"} refused.`]);
  }
}

/** What a write came to, by what was there before and after it. */
export function outcomeOf(before: JsonObject | undefined, after: JsonObject | undefined): Outcome {
  if (before === undefined) return "created";
  return isSameJson(before, after) ? "unchanged" : "changed";
}
