import { bodyRequest } from "../body/body-request.ts";
import { READ_ENVELOPE, readProxy, putEnvelope } from "../body/envelope.ts";
import { object } from "../body/members.ts";
import type { ArmType } from "./arm-type.ts";

/** The kind `Microsoft.EventGrid/domains/topics`: it has only a name, so a PUT needs no body. */
export const domainTopics: ArmType<"Microsoft.EventGrid/domains/topics"> = {
  type: "Microsoft.EventGrid/domains/topics",
  answers: { created: 201, replaced: 201, patched: 200, deleted: 200 },
  actions: [],
  longRunning: false,
  exported: { properties: {} },
  read: (topic, context) => ({ ...readProxy(topic, context), properties: { provisioningState: "Succeeded" } }),
  put: bodyRequest(
    object({ properties: object({}, ["provisioningState"]) }, [...READ_ENVELOPE, "location"]),
    (_body, context) => {
      const domain = context.find(context.id.slice(0, context.id.lastIndexOf("/topics/")));
      const location = domain?.location ?? "local";
      return { ...putEnvelope("Microsoft.EventGrid/domains/topics", {}, context, location), properties: {} };
    },
  ),
};
