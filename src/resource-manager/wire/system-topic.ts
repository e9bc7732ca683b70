import { RingmainError } from "../../core/errors.ts";
import { resourceKey } from "../../core/resources/resource-id.ts";
import { bodyRequest } from "../body/body-request.ts";
import { patchEnvelope, READ_ENVELOPE, readTracked, TRACKED, putEnvelope } from "../body/envelope.ts";
import { definedMembers } from "../body/defined-members.ts";
import { changeIdentity, IDENTITY, IDENTITY_CHANGES, readIdentity, writeIdentity } from "../body/identity.ts";
import { changes, object, part, text } from "../body/members.ts";
import type { ArmType } from "./arm-type.ts";

const PROPERTIES_READ = ["provisioningState", "metricResourceId"];

/** The kind `Microsoft.EventGrid/systemTopics`. */
export const systemTopics: ArmType<"Microsoft.EventGrid/systemTopics"> = {
  type: "Microsoft.EventGrid/systemTopics",
  answers: { created: 201, replaced: 200, patched: 200, deleted: 200 },
  actions: [],
  longRunning: false,
  exported: { properties: { source: null, topicType: null } },
  read: (topic, context) => ({
    ...readTracked(topic, context),
    identity: readIdentity(topic),
    properties: { provisioningState: "Succeeded", ...topic.properties, metricResourceId: topic.uid },
  }),
  put: bodyRequest(
    object(
      { ...TRACKED, identity: IDENTITY, properties: object({ source: text, topicType: text }, PROPERTIES_READ) },
      READ_ENVELOPE,
    ),
    (body, context) => {
      const { before } = context;
      const { source = "", topicType = "" } = { ...before?.properties, ...body.properties };
      if (before !== undefined) {
        checkUnchanged("source", before.properties.source, source);
        checkUnchanged("topicType", before.properties.topicType, topicType);
      }
      return {
        ...putEnvelope("Microsoft.EventGrid/systemTopics", body, context),
        ...writeIdentity(body.identity, before?.identity),
        properties: before?.properties ?? { source: source.replace(/^\/+/, "/"), topicType },
      };
    },
  ),
  patch: bodyRequest(
    changes({ tags: TRACKED.tags, identity: IDENTITY_CHANGES, properties: part({}, PROPERTIES_READ) }, [
      ...READ_ENVELOPE,
      "location",
    ]),
    ({ tags, identity }, context) => ({
      ...patchEnvelope("Microsoft.EventGrid/systemTopics", tags, context),
      ...changeIdentity(identity, context.before.identity),
      ...definedMembers({ implicit: context.before.implicit }),
      properties: context.before.properties,
    }),
  ),
};

/** Throws if a write would change an immutable member. [ARM-FIXED] */
function checkUnchanged(member: string, before: string, after: string): void {
  if (resourceKey(before) === resourceKey(after.replace(/^\/+/, "/"))) return;
  throw new RingmainError("invalid_request", `The property '${member}' of a system topic cannot be changed.`);
}
