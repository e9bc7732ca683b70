import { describe, expect, it } from "vitest";
import { managingClient } from "./managing-client.ts";

const ID = "6e0e8e52-4f2c-4b8e-9f5e-0a8a4b1c2d3e";
const clients = [
  { clientId: "shop", clientSecret: "one", objectId: "shop-principal" },
  { clientId: ID, clientSecret: "two" },
];

describe("managingClient", () => {
  it.each<[roles: { principalId: string; role: "Owner" | "EventGrid Data Sender" | "Reader" }[], found?: string]>([
    [[]],
    [[{ principalId: "shop-principal", role: "EventGrid Data Sender" }]],
    [[{ principalId: "somebody", role: "Owner" }]],
    [[{ principalId: "SHOP-principal", role: "Reader" }], "shop"],
    [[{ principalId: ID.toUpperCase(), role: "Owner" }], ID],
  ])("with the roles %j returns %s", (roleAssignments, found) => {
    expect(managingClient({ clients, roleAssignments })?.clientId).toBe(found);
  });
});
