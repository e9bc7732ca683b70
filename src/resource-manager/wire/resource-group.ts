import type { ResourceGroupResource } from "../../core/resources/resources.ts";
import { bodyRequest } from "../body/body-request.ts";
import { patchEnvelope, READ_ENVELOPE, TRACKED, putEnvelope } from "../body/envelope.ts";
import { definedMembers } from "../body/defined-members.ts";
import { changes, object, part, text } from "../body/members.ts";
import { merged } from "../body/merged.ts";
import type { ArmType } from "./arm-type.ts";

const TYPE = "Microsoft.Resources/resourceGroups";
const PROPERTIES_READ = ["provisioningState"];

/** The kind `Microsoft.Resources/resourceGroups`. */
export const resourceGroups: ArmType<typeof TYPE> = {
  type: TYPE,
  answers: { created: 201, replaced: 200, patched: 200, deleted: 200 },
  actions: [],
  longRunning: false,
  exported: undefined,
  read: ({ name, location, tags, managedById }, { id, type }) => ({
    id,
    name,
    type,
    location,
    ...(tags === undefined ? {} : { tags }),
    ...(managedById === undefined ? {} : { managedBy: managedById }),
    properties: { provisioningState: "Succeeded" },
  }),
  put: bodyRequest(
    object({ ...TRACKED, managedBy: text, properties: object({}, PROPERTIES_READ) }, READ_ENVELOPE),
    ({ managedBy: managedById, ...body }, context) => ({
      ...putEnvelope(TYPE, body, context),
      ...definedMembers({ managedById }),
      properties: {},
    }),
  ),
  patch: bodyRequest(
    changes({ tags: TRACKED.tags, managedBy: text, properties: part({}, PROPERTIES_READ) }, [
      ...READ_ENVELOPE,
      "location",
    ]),
    ({ tags, managedBy: managedById }, context) => ({
      ...patchEnvelope(TYPE, tags, context),
      ...merged<Pick<ResourceGroupResource, "managedById">>(
        definedMembers({ managedById: context.before.managedById }),
        definedMembers({ managedById }),
      ),
      properties: {},
    }),
  ),
};
