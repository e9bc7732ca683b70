import { describe, expect, it } from "vitest";
import { EG, GROUP, startArmApp } from "../../../../test/support/servers/arm-app.ts";

const SUBSCRIPTION = GROUP.replace(/\/resourceGroups.*/, "");
const AUTHORIZATION = "providers/Microsoft.Authorization";
const TOPIC = `${EG}/topics/orders`;
const SENDER = "d5a91429-5739-47e2-a06b-3470a27159e7";
const guid = (digit: number): string => `0000000${digit}-0000-0000-0000-000000000000`;
const body = (principal: number, role = SENDER): object => ({
  properties: {
    roleDefinitionId: `${SUBSCRIPTION}/${AUTHORIZATION}/roleDefinitions/${role}`,
    principalId: guid(principal),
    principalType: "ServicePrincipal",
  },
});
const version = (text: string): string => `${text}${text.includes("?") ? "&" : "?"}api-version=2022-04-01`;
const names = (answer: { body: { value: { name: string }[] } }): string[] => answer.body.value.map(({ name }) => name);

describe("roles of Resource Manager", () => {
  it("[ARM-ROLES] are found by name, and none can be created", async () => {
    const { call } = await startArmApp();
    const filter = encodeURIComponent("roleName eq 'EventGrid Data Sender'");
    const found = await call("GET", version(`${TOPIC}/${AUTHORIZATION}/roleDefinitions?$filter=${filter}`));
    expect(found.body.value).toMatchObject([
      {
        id: `${SUBSCRIPTION}/${AUTHORIZATION}/roleDefinitions/${SENDER}`,
        name: SENDER,
        properties: {
          roleName: "EventGrid Data Sender",
          type: "BuiltInRole",
          permissions: [{ dataActions: ["Microsoft.EventGrid/events/send/action"] }],
        },
      },
    ]);
    const byId = `/${AUTHORIZATION}/roleDefinitions/${SENDER}`;
    expect((await call("GET", version(byId))).body).toMatchObject({ id: byId });
    expect((await call("GET", version(`/${AUTHORIZATION}/roleDefinitions/${guid(1)}`))).body.error.code).toBe(
      "RoleDefinitionDoesNotExist",
    );
    expect((await call("PUT", version(`${SUBSCRIPTION}${byId}`), {})).status).toBe(501);
  });

  it("[ARM-ROLE-ASSIGNMENT] are assigned on any scope, listed at, above and below it, and deleted", async () => {
    const { call } = await startArmApp();
    const at = (scope: string, name: string): string => version(`${scope}/${AUTHORIZATION}/roleAssignments/${name}`);
    const created = await call("PUT", at(TOPIC, guid(1)), body(1));
    expect(created).toMatchObject({
      status: 201,
      body: {
        id: `${TOPIC}/${AUTHORIZATION}/roleAssignments/${guid(1)}`,
        type: "Microsoft.Authorization/roleAssignments",
        properties: { scope: TOPIC, principalId: guid(1), principalType: "ServicePrincipal", condition: null },
      },
    });
    expect((await call("PUT", at(TOPIC, guid(1)), body(1))).body).toEqual(created.body);
    await call("PUT", at(GROUP, guid(2)), body(2));
    await call("PUT", at(SUBSCRIPTION, guid(3)), body(1));
    expect((await call("PUT", at("", guid(4)), body(2))).body.properties.scope).toBe("/");

    const list = (scope: string, filter: string) =>
      call("GET", version(`${scope}/${AUTHORIZATION}/roleAssignments?$filter=${encodeURIComponent(filter)}`));
    expect(names(await list(GROUP, "")).toSorted()).toEqual([guid(1), guid(2), guid(3), guid(4)]);
    expect(names(await list(GROUP, "atScope()")).toSorted()).toEqual([guid(2), guid(3), guid(4)]);
    expect(names(await list(GROUP, `atScope() and assignedTo('${guid(1)}')`))).toEqual([guid(3)]);
    expect(names(await list(TOPIC, `principalId eq '${guid(1)}'`)).toSorted()).toEqual([guid(1), guid(3)]);

    expect((await call("DELETE", at(SUBSCRIPTION, guid(3)))).body.name).toBe(guid(3));
    expect((await call("DELETE", at(SUBSCRIPTION, guid(3)))).status).toBe(204);
    await call("DELETE", TOPIC);
    expect((await call("GET", at(TOPIC, guid(1)))).status).toBe(404);
  });

  it("[ARM-ROLE-ASSIGNMENT] are refused when repeated, changed, unknown, or on a missing scope", async () => {
    const { call } = await startArmApp();
    const put = async (scope: string, name: string, content: object): Promise<[number, string]> => {
      const { status, body: answer } = await call(
        "PUT",
        version(`${scope}/${AUTHORIZATION}/roleAssignments/${name}`),
        content,
      );
      return [status, answer.error?.code];
    };
    await put(TOPIC, guid(1), body(1));
    expect(await put(TOPIC, guid(2), body(1))).toEqual([409, "RoleAssignmentExists"]);
    expect(await put(TOPIC, guid(1), body(2))).toEqual([400, "InvalidRequest"]);
    expect(await put(TOPIC, "name", body(3))).toEqual([400, "InvalidRequest"]);
    expect(await put(TOPIC, guid(3), body(3, guid(9)))).toEqual([404, "RoleDefinitionDoesNotExist"]);
    expect(await put(TOPIC, guid(3), { properties: {} })).toEqual([400, "InvalidRequest"]);
    expect(await put(`${EG}/topics/none`, guid(3), body(3))).toEqual([404, "ResourceNotFound"]);
    expect(await put(`${GROUP}none`, guid(3), body(3))).toEqual([404, "ResourceGroupNotFound"]);
    const conditional = { properties: { ...(body(3) as { properties: object }).properties, condition: "x" } };
    expect(await put(TOPIC, guid(3), conditional)).toEqual([501, "NotSupported"]);
  });
});
