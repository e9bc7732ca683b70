import { describe, expect, it } from "vitest";
import { EG, startArmApp } from "../../../test/support/servers/arm-app.ts";

describe("private links", () => {
  it("[ARM-PRIVATE-LINK] have empty lists, and none can be created", async () => {
    const { call } = await startArmApp();
    const topic = `${EG}/topics/orders`;
    for (const list of ["privateLinkResources", "PRIVATEENDPOINTCONNECTIONS"]) {
      expect(await call("GET", `${topic}/${list}`)).toMatchObject({ status: 200, body: { value: [] } });
    }
    const connection = `${topic}/privateEndpointConnections/one`;
    expect((await call("GET", connection)).status).toBe(404);
    expect((await call("DELETE", connection)).status).toBe(204);
    const refused = await call("PUT", connection, { properties: {} });
    expect(refused.status).toBe(501);
    expect(refused.body.error.message).toContain("Private endpoints are not supported");
    expect((await call("GET", `${EG}/topics/none/privateLinkResources`)).status).toBe(404);
    expect((await call("GET", `${EG}/systemTopics/none/privateLinkResources`)).body.error.code).toBe(
      "InvalidResourceType",
    );
  });

  it("[ARM-ENDPOINT] keep the endpoints of domains and partner namespaces as short as those of topics", async () => {
    const { call } = await startArmApp();
    const endpoint = async (path: string, body: object): Promise<string> =>
      (await call("PUT", `${EG}/${path}`, { location: "local", ...body })).body.properties.endpoint;
    expect(await endpoint("domains/orders", {})).toBe("http://127.0.0.1:6500/domains/orders/api/events");
    const { id } = (await call("PUT", `${EG}/partnerRegistrations/acme`, { location: "global" })).body;
    const properties = { partnerRegistrationFullyQualifiedId: id };
    expect(await endpoint("partnerNamespaces/acme", { properties })).toBe(
      "http://127.0.0.1:6500/partnerNamespaces/acme/api/events",
    );
  });
});
