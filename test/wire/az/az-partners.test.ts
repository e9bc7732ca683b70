import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DEFAULT_SUBSCRIPTION_ID } from "../../../src/core/resources/resource-id.ts";
import { AzBench, SUBSCRIPTION } from "../../support/clients/run-az.ts";

const GROUP = `${SUBSCRIPTION}/resourceGroups/ringmain`;

describe("az eventgrid partner", { timeout: 240_000 }, () => {
  let bench: AzBench;
  const json = (line: string): Promise<unknown> => bench.json(`eventgrid partner ${line}`);

  beforeAll(async () => {
    bench = await AzBench.start();
  });

  afterAll(async () => {
    const { ignoredMembers } = bench;
    expect(await bench.stop()).toEqual([]);
    expect(ignoredMembers).toEqual([]);
  });

  it("registers and authorizes a partner, creates a channel, and subscribes to its topic", async () => {
    const registration = `${GROUP}/providers/Microsoft.EventGrid/partnerRegistrations/contoso`;
    const created = await json("registration create -g ringmain -n contoso");
    expect(created).toMatchObject({ id: registration, location: "global", provisioningState: "Succeeded" });
    const { partnerRegistrationImmutableId: immutableId } = created as { partnerRegistrationImmutableId: string };
    expect(await json("registration list -g ringmain --query [].name")).toEqual(["contoso"]);
    expect(await json("registration show -g ringmain -n contoso")).toEqual(created);
    expect(await json("verified-partner list --query [].name")).toEqual(["contoso"]);
    expect(await json("verified-partner show --verified-partner-name contoso")).toMatchObject({
      partnerRegistrationImmutableId: immutableId,
    });

    await json("configuration create -g ringmain");
    const authorize = `-g ringmain --partner-registration-immutable-id ${immutableId}`;
    expect(await json(`configuration authorize ${authorize}`)).toMatchObject({
      partnerAuthorization: { authorizedPartnersList: [{ partnerRegistrationImmutableId: immutableId }] },
    });
    const days = "--default-maximum-expiration-time-in-days 30";
    expect(await json(`configuration update -g ringmain ${days} --query partnerAuthorization`)).toMatchObject({
      defaultMaximumExpirationTimeInDays: 30,
    });
    expect(await json("configuration list -g ringmain --query [].name")).toEqual(["default"]);

    const create = `namespace create -g ringmain -n space -l westeurope --partner-registration-id ${registration}`;
    expect(await json(`${create} --partner-topic-routing-mode ChannelNameHeader`)).toMatchObject({
      partnerTopicRoutingMode: "ChannelNameHeader",
      endpoint: expect.stringContaining(bench.https) as string,
    });
    expect(await json("namespace list -g ringmain --query [].name")).toEqual(["space"]);
    const keys = await json("namespace key list -g ringmain --partner-namespace-name space");
    const key = "namespace key regenerate -g ringmain --partner-namespace-name space --key-name key1";
    expect(await json(key)).toMatchObject({ key2: (keys as { key2: string }).key2 });

    const channel = "-g ringmain --partner-namespace-name space -n orders";
    const destination = `--destination-sub-id ${DEFAULT_SUBSCRIPTION_ID} --destination-rg ringmain`;
    const topic = "--channel-type PartnerTopic --partner-topic-name from-contoso --partner-topic-source /contoso/1";
    expect(await json(`namespace channel create ${channel} ${topic} ${destination}`)).toMatchObject({
      readinessState: "NeverActivated",
      partnerTopicInfo: { name: "from-contoso", source: "/contoso/1" },
    });
    const list = "namespace channel list -g ringmain --partner-namespace-name space";
    expect(await json(`${list} --query [].name`)).toEqual(["orders"]);
    const nextMonth = new Date(Date.now() + 30 * 86_400_000).toISOString();
    await json(`namespace channel update ${channel} --activation-expiration-date ${nextMonth}`);

    expect(await json("topic list -g ringmain --query [].name")).toEqual(["from-contoso"]);
    expect(await json("topic activate -g ringmain -n from-contoso")).toMatchObject({ activationState: "Activated" });
    expect(await json(`namespace channel show ${channel} --query readinessState`)).toBe("Activated");
    const nested = "topic event-subscription";
    const named = "-g ringmain --partner-topic-name from-contoso -n mine";
    expect(await json(`${nested} create ${named} --endpoint {hook} --query type`)).toBe(
      "Microsoft.EventGrid/partnerTopics/eventSubscriptions",
    );
    await json(`${nested} update ${named} --labels a`);
    expect(await json(`${nested} show ${named} --query labels`)).toEqual(["a"]);
    const all = `${nested} list -g ringmain --partner-topic-name from-contoso --query [].name`;
    expect(await json(all)).toEqual(["mine"]);
    await json(`${nested} delete -y ${named}`);
    expect(await json("topic deactivate -g ringmain -n from-contoso")).toMatchObject({
      activationState: "Deactivated",
    });
    await json("topic delete -y -g ringmain -n from-contoso");
    await json(`namespace channel delete -y ${channel}`);
    await json("namespace delete -y -g ringmain -n space");
    expect(await json(`configuration unauthorize ${authorize}`)).toMatchObject({
      partnerAuthorization: { authorizedPartnersList: [] },
    });
    await json("configuration delete -y -g ringmain");
    await json("registration delete -y -g ringmain -n contoso");
    expect(await json("registration list -g ringmain")).toEqual([]);
  });
});
