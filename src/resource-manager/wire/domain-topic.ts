import type { ArmType } from "./arm-type.ts";
import { readProxy, writeEnvelope } from "../body/envelope.ts";

/** `Microsoft.EventGrid/domains/topics`: a name, and nothing else. A PUT needs no body. */
export const domainTopics: ArmType<"Microsoft.EventGrid/domains/topics"> = {
  type: "Microsoft.EventGrid/domains/topics",
  placement: { kind: "parent", parent: "Microsoft.EventGrid/domains" },
  answers: { created: 201, replaced: 201, patched: 200, deleted: 200 },
  actions: [],
  patchable: [],
  longRunning: false,
  read: (topic, context) => ({ ...readProxy(topic, context), properties: { provisioningState: "Succeeded" } }),
  write: (body, context) => {
    const domain = context.find(context.id.slice(0, context.id.lastIndexOf("/topics/")));
    const location = domain?.location ?? "local";
    return { ...writeEnvelope("Microsoft.EventGrid/domains/topics", body, context, location), properties: {} };
  },
};
