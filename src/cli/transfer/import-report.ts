import { isSameJson, type JsonObject } from "../../core/json.ts";
import { resourceGroupId, scopeOf } from "../../core/resources/resource-id.ts";
import { followConsent, isComplete, missingConsent, type WrittenSubscription } from "../consent.ts";
import { ExitError } from "../exit-error.ts";
import type { ManagementClient } from "../management-client.ts";
import type { Output } from "../output.ts";

/** The id of an event subscription. */
const SUBSCRIPTION = /\/eventSubscriptions\/[^/]+$/i;

/** What became of a resource. */
type Outcome = "created" | "changed" | "unchanged" | "refused" | "skipped";

/** Tells people and scripts what became of each resource, and remembers whether all went well. */
export class ImportReport {
  readonly #output: Output;
  readonly #subscriptions: WrittenSubscription[] = [];
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
      const after = await this.#write(client, id, body);
      this.tell(id, outcomeOf(before, after), notes.length === 0 ? undefined : notes.join("; "));
      return true;
    } catch (thrown) {
      if (!(thrown instanceof ExitError)) throw thrown;
      this.tell(id, "refused", [...thrown.lines, ...notes].join("; "));
      return false;
    }
  }

  /** Notes a subscription whose endpoint may not have consented yet. */
  noteSubscription(id: string, operation?: string): void {
    if (SUBSCRIPTION.test(id)) this.#subscriptions.push({ id, operation });
  }

  /**
   * Says which of the noted subscriptions' endpoints have not consented. Where the server does not take a subscription
   * for complete without consent it waits until the endpoint is not asked any more, and tells a refusal; consent by hand
   * is not waited for.
   */
  async tellConsent(client: ManagementClient): Promise<void> {
    const since = Date.now();
    for (const written of this.#subscriptions) {
      const complete = await isComplete(client, written);
      const goal = complete ? "answer" : "conclusion";
      const consent = await followConsent(client, written, { output: this.#output, goal, since });
      const sentences = missingConsent(written, consent, complete);
      if (!complete && consent?.status === "failed") this.tell(written.id, "refused", sentences.join(" "));
      else if (sentences.length > 0) this.#output.notice(sentences.join(" "));
    }
  }

  /** An endpoint's consent is looked at when everything is written: one that is slow delays no other resource. */
  async #write(client: ManagementClient, id: string, body: JsonObject): Promise<JsonObject> {
    if (!SUBSCRIPTION.test(id)) return client.put(id, body);
    const { operation } = await client.write("PUT", id, body);
    this.noteSubscription(id, operation);
    return client.get(id);
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
