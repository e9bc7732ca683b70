import { describe, expect, it } from "vitest";
import type { JsonObject } from "../../core/json.ts";
import type { ResourceIdentity } from "../../core/resources/resources.ts";
import { NO_NOTES } from "./body-notes.ts";
import { changeIdentity, IDENTITY, IDENTITY_CHANGES, writeIdentity } from "./identity.ts";

const put = (body: JsonObject, before?: ResourceIdentity) => writeIdentity(IDENTITY.read(body, "", NO_NOTES), before);
const patch = (body: JsonObject | null, before?: ResourceIdentity) =>
  changeIdentity(body === null ? null : IDENTITY_CHANGES.read(body, "", NO_NOTES), before);
const two: ResourceIdentity = {
  type: "SystemAssigned, UserAssigned",
  principalId: "mine",
  tenantId: "ours",
  userAssignedIdentities: { "/one": {}, "/two": {} },
};

describe("the identity of a resource", () => {
  it("is set by a PUT, and keeps its ids", () => {
    expect(
      put({ type: "systemassigned,userassigned", userAssignedIdentities: { "/three": { clientId: "x" } } }, two),
    ).toEqual({
      identity: { ...two, userAssignedIdentities: { "/three": {} } },
    });
    expect(put({ type: "None" }, two)).toEqual({});
    expect(put({}, two)).toEqual({});
  });

  it("[ARM-PATCH-NULL] gains the identities in a PATCH, and loses those that are null in it", () => {
    expect(patch({ userAssignedIdentities: { "/one": null, "/three": {} } }, two)).toEqual({
      identity: { ...two, userAssignedIdentities: { "/two": {}, "/three": {} } },
    });
    expect(patch({ type: "SystemAssigned" }, two)).toEqual({
      identity: { type: "SystemAssigned", principalId: "mine", tenantId: "ours" },
    });
    expect(patch({ userAssignedIdentities: null }, two)).toEqual({
      identity: { type: "SystemAssigned, UserAssigned", principalId: "mine", tenantId: "ours" },
    });
  });

  it("[ARM-PATCH-NULL] is removed by null, by None and by a type of null", () => {
    expect([patch(null, two), patch({ type: "None" }, two), patch({ type: null }, two)]).toEqual([{}, {}, {}]);
    expect(patch({}, two)).toEqual({ identity: two });
  });
});
