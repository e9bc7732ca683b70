import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { delivery, destinations, NEVER, NOW, subscriberTo } from "../../../test/contract/destination-fixtures.ts";
import { answers, Peer } from "../../../test/contract/destination-peer.ts";
import type { PartnerDestination } from "./partner-destination.ts";

describe("a partner destination", () => {
  let peer: Peer;
  let partner: PartnerDestination | undefined;
  const factory = destinations({ partnerDestination: (name) => (name === "acme" ? partner : undefined) });
  const resourceId = "/subscriptions/s/resourceGroups/g/providers/Microsoft.EventGrid/partnerDestinations/acme";
  const destination = factory.open(subscriberTo({ endpointType: "PartnerDestination", properties: { resourceId } }));
  beforeAll(async () => {
    peer = await Peer.start(answers(202));
  });
  afterAll(async () => {
    await factory.close();
    await peer.stop();
  });

  it("receives nothing before it is activated [EG-PARTNER-DESTINATION]", async () => {
    partner = { endpointUrl: `${peer.origin}/in?code=secret`, activationState: "NeverActivated" };
    const outcome = await destination.deliver([delivery()], NOW, NEVER);
    expect(outcome).toMatchObject({ kind: "failed", outcome: "Disabled" });
    expect(JSON.stringify(outcome)).not.toContain("secret");
    expect(peer.requests).toEqual([]);
  });

  it("receives posted events like a webhook once it is activated [EG-PARTNER-DESTINATION]", async () => {
    partner = { endpointUrl: `${peer.origin}/in?code=secret`, activationState: "Activated" };
    expect(await destination.deliver([delivery()], NOW, NEVER)).toEqual({ kind: "accepted", httpStatus: 202 });
    expect(peer.last).toMatchObject({ method: "POST", url: "/in?code=secret" });
    expect(peer.last.headers["aeg-event-type"]).toBe("Notification");
    expect(destination).not.toHaveProperty("handshake");
  });

  it("fails permanently if the configuration does not contain it [EG-DESTINATION-UNKNOWN]", async () => {
    partner = undefined;
    expect(await destination.deliver([delivery()], NOW, NEVER)).toMatchObject({
      outcome: "NotFound",
      misconfigured: true,
    });
  });
});
