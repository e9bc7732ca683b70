import { RingmainError } from "../../core/errors.ts";
import { resourceKey } from "../../core/resources/resource-id.ts";
import type { ArmType } from "./arm-type.ts";
import { identityOf, patchEnvelope, readIdentity, readTracked, writeEnvelope } from "../body/envelope.ts";
import { given } from "../body/given.ts";
import { JsonReader } from "../body/json-reader.ts";

/** `Microsoft.EventGrid/systemTopics` */
export const systemTopics: ArmType<"Microsoft.EventGrid/systemTopics"> = {
  type: "Microsoft.EventGrid/systemTopics",
  placement: { kind: "group" },
  answers: { created: 201, replaced: 200, patched: 200, deleted: 200 },
  actions: [],
  patchable: ["tags", "identity"],
  longRunning: false,
  read: (topic, context) => ({
    ...readTracked(topic, context),
    identity: readIdentity(topic),
    properties: { provisioningState: "Succeeded", ...topic.properties, metricResourceId: topic.uid },
  }),
  write: (body, context) => {
    const properties = body.child("properties") ?? new JsonReader({});
    const { before } = context;
    const source = properties.text("source") ?? before?.properties.source ?? "";
    const topicType = properties.text("topicType") ?? before?.properties.topicType ?? "";
    if (before !== undefined) {
      checkUnchanged("source", before.properties.source, source);
      checkUnchanged("topicType", before.properties.topicType, topicType);
    }
    return {
      ...writeEnvelope("Microsoft.EventGrid/systemTopics", body, context),
      ...identityOf(body),
      properties: before?.properties ?? { source: source.replace(/^\/+/, "/"), topicType },
    };
  },
  patch: (body, { before }) => ({
    ...patchEnvelope("Microsoft.EventGrid/systemTopics", body, before),
    ...identityOf(body, before.identity),
    ...given({ implicit: before.implicit }),
    properties: before.properties,
  }),
};

/** [ARM-FIXED] */
function checkUnchanged(member: string, before: string, after: string): void {
  if (resourceKey(before) === resourceKey(after.replace(/^\/+/, "/"))) return;
  throw new RingmainError("invalid_request", `The property '${member}' of a system topic cannot be changed.`);
}
