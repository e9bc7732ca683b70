import { isSameJson, type JsonObject } from "../../core/json.ts";
import { resourceGroupId, scopeOf } from "../../core/resources/resource-id.ts";
import { followConsent, isComplete, missingConsent, type WrittenSubscription } from "../consent.ts";
import { ExitError } from "../exit-error.ts";
import type { ManagementClient } from "../management-client.ts";
import type { Output } from "../output.ts";

/** Matches the id of an event subscription. */
const SUBSCRIPTION = /\/eventSubscriptions\/[^/]+$/i;

/** Result of the import of a resource. */
type Outcome = "created" | "changed" | "unchanged" | "refused" | "skipped";

/** Reports the result for each imported resource, and counts the refused ones. */
export class ImportReport {
  readonly #output: Output;
  readonly #subscriptions: WrittenSubscription[] = [];
  #refused = 0;

  constructor(output: Output) {
    this.#output = output;
  }

  /** Reports the outcome for a resource, with an optional explanation. */
  add(id: string, outcome: Outcome, detail?: string): void {
    if (outcome === "refused") this.#refused += 1;
    const fields = { id, outcome, ...(detail === undefined ? {} : { detail }) };
    const shown = `${outcome.padEnd(9)}  ${id.replace(/^\/subscriptions\/[^/]+\/resourceGroups\//i, "")}`;
    this.#output.report("imported", fields, detail === undefined ? shown : `${shown}\n           ${detail}`);
  }

  /** Creates or replaces a resource, and reports the outcome. Returns whether the server accepted the resource. */
  async write(client: ManagementClient, id: string, body: JsonObject, notes: readonly string[]): Promise<boolean> {
    try {
      const before = await client.find(id);
      const after = await this.#put(client, id, body);
      this.add(id, outcomeOf(before, after), notes.length === 0 ? undefined : notes.join("; "));
      return true;
    } catch (thrown) {
      if (!(thrown instanceof ExitError)) throw thrown;
      this.add(id, "refused", [...thrown.lines, ...notes].join("; "));
      return false;
    }
  }

  /** Records a subscription whose endpoint may not have consented yet. */
  noteSubscription(id: string, operation?: string): void {
    if (SUBSCRIPTION.test(id)) this.#subscriptions.push({ id, operation });
  }

  /**
   * Reports the recorded subscriptions whose endpoints have not consented. If a subscription is not complete without
   * consent, waits for the last validation request, and reports a failure as a refusal. Does not wait for consent by
   * hand.
   */
  async reportConsent(client: ManagementClient): Promise<void> {
    const since = Date.now();
    for (const written of this.#subscriptions) {
      const complete = await isComplete(client, written);
      const goal = complete ? "answer" : "conclusion";
      const consent = await followConsent(client, written, { output: this.#output, goal, since });
      const sentences = missingConsent(written, consent, complete);
      if (!complete && consent?.status === "failed") this.add(written.id, "refused", sentences.join(" "));
      else if (sentences.length > 0) this.#output.notice(sentences.join(" "));
    }
  }

  /**
   * Creates or replaces a resource without waiting for the endpoint's consent, so that a slow endpoint delays no other
   * resource.
   */
  async #put(client: ManagementClient, id: string, body: JsonObject): Promise<JsonObject> {
    if (!SUBSCRIPTION.test(id)) return client.put(id, body);
    const { operation } = await client.write("PUT", id, body);
    this.noteSubscription(id, operation);
    return client.get(id);
  }

  /** Creates the resource group of an id, if it does not exist. */
  async requireGroup(client: ManagementClient, id: string, location = "local"): Promise<void> {
    const group = resourceGroupId(scopeOf(id));
    if (!/\/resourceGroups\//i.test(id) || (await client.find(group)) !== undefined) return;
    await client.put(group, { location });
    this.add(group, "created");
  }

  /** Throws an {@link ExitError} with code 1 if a resource was refused. */
  end(): void {
    if (this.#refused === 0) return;
    throw new ExitError(1, [`${this.#refused} resource${this.#refused === 1 ? " was" : "s were"} refused.`]);
  }
}

/** Returns the outcome of a write, by the resource before and after it. */
export function outcomeOf(before: JsonObject | undefined, after: JsonObject | undefined): Outcome {
  if (before === undefined) return "created";
  return isSameJson(before, after) ? "unchanged" : "changed";
}
