import type { Binding } from "./functions-core.ts";
import type { RegisteredFunction } from "./function-app.ts";

/** Kinds of triggers that this host supports. */
export type HostedTrigger = "eventGrid" | "storageBlob" | "http";

/** Result of checking whether this host can run a registered function. */
export type Hosting =
  | { readonly kind: "hosted"; readonly trigger: HostedTrigger; readonly warnings: readonly string[] }
  | { readonly kind: "unsupported"; readonly reason: string };

/** Returns whether and how this host can run a function. Reasons and warnings are texts for the user. */
export function describeHosting(registered: RegisteredFunction): Hosting {
  const trigger = hostedTrigger(registered.trigger);
  if (trigger === undefined) {
    return { kind: "unsupported", reason: `${String(registered.trigger.type)} is not supported: ${SUPPORTED}` };
  }
  if (registered.trigger["sdkBinding"] === true) {
    return { kind: "unsupported", reason: "sdkBinding is not supported: use the blob's bytes instead" };
  }
  const inputs = others(registered, "in");
  if (inputs.length > 0) {
    return { kind: "unsupported", reason: `input bindings are not supported (${inputs.join(", ")})` };
  }
  const outputs = unsupportedOutputs(registered);
  const warnings =
    outputs.length === 0 ? [] : [`${OUTPUTS} (${outputs.join(", ")}): an invocation that sets one fails`];
  return {
    kind: "hosted",
    trigger,
    // [EG-FUNC-BLOB-SOURCE]
    warnings:
      trigger === "storageBlob" && String(registered.trigger["source"]).toLowerCase() !== "eventgrid"
        ? [...warnings, "containers are not polled: the function runs only for events that are delivered to it"]
        : warnings,
  };
}

/** Returns the outputs that this host cannot write, with their types. */
export function unsupportedOutputs(registered: RegisteredFunction): readonly string[] {
  return others(registered, "out");
}

/** Explains why an output cannot be written. */
export const OUTPUTS = "output bindings other than http are not supported";

const SUPPORTED = "this host runs eventGridTrigger, blobTrigger and httpTrigger functions";

function hostedTrigger({ type }: Binding): HostedTrigger | undefined {
  switch ((type ?? "").toLowerCase()) {
    case "eventgridtrigger":
      return "eventGrid";
    case "blobtrigger":
      return "storageBlob";
    case "httptrigger":
      return "http";
    default:
      return undefined;
  }
}

function others(registered: RegisteredFunction, direction: "in" | "out"): string[] {
  return Object.entries(registered.bindings)
    .filter(([name, binding]) => name !== registered.triggerName && binding.direction === direction)
    .filter(([, { type }]) => type?.toLowerCase() !== "http")
    .map(([name, { type }]) => (name === "$return" ? String(type) : `${String(type)} "${name}"`));
}
