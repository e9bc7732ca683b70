import type { ArmType } from "./arm-type.ts";
import { patchEnvelope, writeEnvelope } from "../body/envelope.ts";
import { given } from "../body/given.ts";

/** `Microsoft.Resources/resourceGroups` */
export const resourceGroups: ArmType<"Microsoft.Resources/resourceGroups"> = {
  type: "Microsoft.Resources/resourceGroups",
  placement: { kind: "subscription" },
  answers: { created: 201, replaced: 200, patched: 200, deleted: 200 },
  actions: [],
  patchable: ["tags", "managedBy"],
  longRunning: false,
  read: ({ name, location, tags, managedById }, { id, type }) => ({
    id,
    name,
    type,
    location,
    ...(tags === undefined ? {} : { tags }),
    ...(managedById === undefined ? {} : { managedBy: managedById }),
    properties: { provisioningState: "Succeeded" },
  }),
  write: (body, context) => ({
    ...writeEnvelope("Microsoft.Resources/resourceGroups", body, context),
    ...given({ managedById: body.text("managedBy") }),
    properties: {},
  }),
  patch: (body, { before }) => ({
    ...patchEnvelope("Microsoft.Resources/resourceGroups", body, before),
    ...given({ managedById: body.text("managedBy") ?? before.managedById }),
    properties: {},
  }),
};
