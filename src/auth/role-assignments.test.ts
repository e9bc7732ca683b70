import { describe, expect, it } from "vitest";
import { topicId } from "../core/resources/resource-id.ts";
import { RoleAssignments } from "./role-assignments.ts";

const TOPIC = topicId("orders");
const GROUP = TOPIC.slice(0, TOPIC.indexOf("/providers/"));
const ids = ["AAAA", "group"];

describe("[EG-ENTRA-ROLE] role assignments", () => {
  it.each([
    ["on the topic", "EventGrid Data Sender", TOPIC, true],
    ["on its group, in any case", "eventgrid data sender", GROUP.toUpperCase(), true],
    ["on everything", "EventGrid Data Contributor", "/", true],
    ["by the role's id", "d5a91429-5739-47e2-a06b-3470a27159e7", TOPIC, true],
    [
      "by the definition's ARM id",
      "/subscriptions/s/providers/Microsoft.Authorization/roleDefinitions/D5A91429-5739-47e2-a06b-3470a27159e7",
      `${GROUP}/`,
      true,
    ],
    ["of a role that only receives", "EventGrid Data Receiver", TOPIC, false],
    ["of a role that manages", "EventGrid Contributor", TOPIC, false],
    ["on a topic whose name begins alike", "EventGrid Data Sender", TOPIC.slice(0, -1), false],
    ["on something below the topic", "EventGrid Data Sender", `${TOPIC}/eventSubscriptions/all`, false],
  ])("%s", (_how, role, scope, expected) => {
    for (const principalId of ["aaaa", "Group"]) {
      const assignments = new RoleAssignments();
      assignments.replace("test", [{ principalId, role, scope }]);
      expect(assignments.allows({ ids, roles: [] }, "send", TOPIC)).toBe(expected);
      expect(assignments.allows({ ids: ["another"], roles: [] }, "send", TOPIC)).toBe(false);
    }
  });

  it("are those that each source set last", () => {
    const assignments = new RoleAssignments();
    const assignment = { principalId: "aaaa", role: "EventGrid Data Receiver", scope: "/" };
    assignments.replace("config", [assignment]);
    assignments.replace("arm", []);
    expect(assignments.allows({ ids, roles: [] }, "receive", TOPIC)).toBe(true);
    assignments.replace("config", []);
    expect(assignments.allows({ ids, roles: [] }, "receive", TOPIC)).toBe(false);
  });

  it("are not needed where the token itself names the role", () => {
    const assignments = new RoleAssignments();
    expect(assignments.allows({ ids: [], roles: ["EventGrid Data Sender"] }, "send", TOPIC)).toBe(true);
    expect(assignments.allows({ ids: [], roles: ["EventGrid Data Sender"] }, "receive", TOPIC)).toBe(false);
    expect(assignments.allows({ ids: [], roles: ["Sender", ""] }, "send", TOPIC)).toBe(false);
  });
});
