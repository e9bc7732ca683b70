import { describe, expect, it } from "vitest";
import { allowsOperation, BUILT_IN_ROLES, builtInRole } from "./built-in-roles.ts";

describe("[ARM-ROLES] built-in roles", () => {
  const may = (role: string, operation: string): boolean => {
    const found = builtInRole(role);
    return found !== undefined && allowsOperation(found, operation);
  };

  it.each([
    ["Owner", "Microsoft.Authorization/roleAssignments/write", true],
    ["Contributor", "Microsoft.EventGrid/topics/listKeys/action", true],
    ["Contributor", "microsoft.authorization/roleassignments/WRITE", false],
    ["Contributor", "Microsoft.Authorization/roleAssignments/read", true],
    ["Reader", "Microsoft.EventGrid/topics/read", true],
    ["Reader", "Microsoft.EventGrid/topics/listKeys/action", false],
    ["EventGrid Contributor", "Microsoft.EventGrid/topics/eventSubscriptions/delete", true],
    ["EventGrid Contributor", "Microsoft.Storage/storageAccounts/read", false],
    ["EventGrid Contributor", "Microsoft.Resources/subscriptions/resourceGroups/delete", false],
    ["EventGrid EventSubscription Contributor", "Microsoft.EventGrid/eventSubscriptions/getFullUrl/action", true],
    ["EventGrid EventSubscription Contributor", "Microsoft.EventGrid/topics/write", false],
    ["EventGrid EventSubscription Reader", "Microsoft.EventGrid/eventSubscriptions/write", false],
    ["EventGrid Data Sender", "Microsoft.EventGrid/topics/write", false],
    ["Storage Blob Data Contributor", "Microsoft.Storage/storageAccounts/read", false],
  ])("%s: %s %s", (role, operation, expected) => {
    expect(may(role, operation)).toBe(expected);
  });

  it("are found by name, GUID and definition id, and are unique", () => {
    const sender = builtInRole("d5a91429-5739-47e2-a06b-3470a27159e7");
    expect(sender?.name).toBe("EventGrid Data Sender");
    expect(builtInRole("eventgrid data SENDER")).toBe(sender);
    expect(builtInRole(`/providers/Microsoft.Authorization/roleDefinitions/${sender?.id}`)).toBe(sender);
    expect(builtInRole("")).toBeUndefined();
    expect(new Set(BUILT_IN_ROLES.map(({ id }) => id)).size).toBe(BUILT_IN_ROLES.length);
    for (const { actions, notActions } of BUILT_IN_ROLES) {
      for (const pattern of [...actions, ...notActions]) expect(pattern.split("*").length).toBeLessThan(3);
    }
  });
});
