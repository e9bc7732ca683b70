import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AzBench, SUBSCRIPTION } from "../../support/clients/run-az.ts";

const GROUP = `${SUBSCRIPTION}/resourceGroups/rg1`;
const TOPIC = `${GROUP}/providers/Microsoft.EventGrid/topics/topic1`;

/** Each test runs about a dozen commands, which take a second each. */
describe("az, on topics, domains and their subscriptions", { timeout: 240_000 }, () => {
  let bench: AzBench;
  const json = (line: string): Promise<unknown> => bench.json(line);

  beforeAll(async () => {
    bench = await AzBench.start();
    await json("group create -n rg1 -l westeurope");
    await json("eventgrid topic create -g rg1 -n topic1 -l westeurope --tags a=b");
  });

  afterAll(async () => {
    const { ignoredMembers } = bench;
    expect(await bench.stop()).toEqual([]);
    expect(ignoredMembers).toEqual([]);
  });

  it("[ARM-STATUS] [ARM-CASE] [ARM-PATCH-NULL] az eventgrid topic: create, update, show, list, key, delete", async () => {
    const again = await json("eventgrid topic create -g rg1 -n topic1 -l 'West Europe'");
    expect(again).toMatchObject({
      id: TOPIC,
      endpoint: `${bench.https}/topics/topic1/api/events`,
      provisioningState: "Succeeded",
      tags: null,
    });
    expect(
      await json("eventgrid topic update -g rg1 -n topic1 --public-network-access disabled --tags x=y"),
    ).toMatchObject({ publicNetworkAccess: "Disabled", tags: { x: "y" } });
    expect(await json("eventgrid topic update -g RG1 -n topic1 --public-network-access enabled")).toMatchObject({
      publicNetworkAccess: "Enabled",
      tags: { x: "y" },
    });
    const url = `${bench.https}${TOPIC}?api-version=2022-06-15`;
    const cleared = `rest --method patch --url ${url} --body '{"Tags":null,"Properties":{"DisableLocalAuth":true}}'`;
    expect(await json(cleared)).toMatchObject({ tags: null, properties: { disableLocalAuth: true } });
    const mapping = "--input-mapping-fields id=myId eventType=type --input-mapping-default-values subject=none";
    const mapped = "eventgrid topic create -g rg1 -n mapped -l local --input-schema customeventschema";
    expect(await json(`${mapped} ${mapping} dataVersion=1.0`)).toMatchObject({
      inputSchema: "CustomEventSchema",
      inputSchemaMapping: {
        properties: { id: { sourceField: "myId" }, topic: {}, subject: { defaultValue: "none" } },
      },
    });
    expect(await json("eventgrid topic list -g rg1 --odata-query CONTAINS(name,'TOPIC') --query [].name")).toEqual([
      "topic1",
    ]);
    expect(await json("eventgrid topic list --query [].name")).toEqual(["mapped", "topic1"]);
    const keys = (await json("eventgrid topic key list -g rg1 -n topic1")) as Record<string, string>;
    const newKeys = await json("eventgrid topic key regenerate -g rg1 -n topic1 --key-name key1");
    expect(newKeys).toEqual({ key1: expect.stringMatching(/^[\w+/]{43}=$/) as string, key2: keys["key2"] });
    expect(newKeys).not.toEqual(keys);
    await json("eventgrid topic delete -g rg1 -n mapped");
    await json("eventgrid topic delete -g rg1 -n mapped");
    expect(await bench.az("eventgrid topic show -g rg1 -n mapped")).toMatchObject({
      code: 3,
      stderr: expect.stringContaining(
        "(ResourceNotFound) The Resource 'Microsoft.EventGrid/topics/mapped' under resource group 'rg1' was not found.",
      ) as string,
    });
  });

  it("[ARM-PATCH-SECRET] [ARM-FULL-URL] an update keeps the webhook's URL and secret attributes", async () => {
    const sub1 = `--name sub1 --source-resource-id ${TOPIC}`;
    const filters = [
      "--advanced-filter data.x StringIn a b --advanced-filter data.n NumberGreaterThan 5",
      "--advanced-filter data.r NumberInRange 1,5 --advanced-filter data.z IsNullOrUndefined",
    ].join(" ");
    const rest = "--labels l1 l2 --max-delivery-attempts 10 --event-ttl 120 --expiration-date 2099-01-01T00:00:00Z";
    const attributes = "--delivery-attribute-mapping h static v true --delivery-attribute-mapping k dynamic data.k";
    const created = await json(
      `eventgrid event-subscription create ${sub1} --endpoint {hook}?code=secret --subject-begins-with /a ` +
        `--subject-ends-with .jpg --included-event-types A.B --enable-advanced-filtering-on-arrays true ${filters} ` +
        `${rest} ${attributes} --max-events-per-batch 5 --preferred-batch-size-in-kilobytes 128`,
    );
    expect(created).toMatchObject({
      provisioningState: "Succeeded",
      topic: TOPIC.replace("Microsoft.EventGrid", "microsoft.eventgrid"),
      destination: { endpointBaseUrl: bench.receiver.url, endpointUrl: null, maxEventsPerBatch: 5 },
      filter: { includedEventTypes: ["A.B"], advancedFilters: [{ values: ["a", "b"] }, { value: 5 }, {}, {}] },
      retryPolicy: { maxDeliveryAttempts: 10, eventTimeToLiveInMinutes: 120 },
    });
    await json(`eventgrid event-subscription update ${sub1} --subject-begins-with /q`);
    const all = "--include-full-endpoint-url true --include-static-delivery-attribute-secret true";
    expect(await json(`eventgrid event-subscription show ${sub1} ${all}`)).toMatchObject({
      destination: {
        endpointUrl: `${bench.receiver.url}?code=secret`,
        preferredBatchSizeInKilobytes: 128,
        deliveryAttributeMappings: {
          value: [
            { name: "h", value: "v", isSecret: true },
            { name: "k", sourceField: "data.k" },
          ],
        },
      },
      filter: { subjectBeginsWith: "/q", subjectEndsWith: ".jpg" },
      labels: ["l1", "l2"],
    });
    await json(`eventgrid event-subscription delete ${sub1}`);
  });

  it("[ARM-TWO-PATHS] a topic's subscriptions have two paths, in any spelling", async () => {
    const below = "--topic-name topic1 -g rg1";
    expect(await json(`eventgrid topic event-subscription create -n two ${below} --endpoint {hook}`)).toMatchObject({
      id: `${TOPIC}/eventSubscriptions/two`,
      type: "Microsoft.EventGrid/topics/eventSubscriptions",
    });
    const spelt = ["/", TOPIC.replace("resourceGroups", "RESOURCEGROUPS")].join("");
    expect(await json(`eventgrid event-subscription show -n two --source-resource-id ${spelt}`)).toMatchObject({
      name: "two",
      type: "Microsoft.EventGrid/eventSubscriptions",
    });
    await json(`eventgrid topic event-subscription update -n two ${below} --labels q`);
    expect(await json(`eventgrid topic event-subscription show -n two ${below} --query labels`)).toEqual(["q"]);
    expect(await json(`eventgrid event-subscription list --source-resource-id ${TOPIC} --query [].name`)).toEqual([
      "two",
    ]);
    expect(await json(`eventgrid topic event-subscription list ${below} --query [].name`)).toEqual(["two"]);
    await json(`eventgrid topic event-subscription delete -y -n two ${below}`);
    expect(await json(`eventgrid topic event-subscription list ${below}`)).toEqual([]);
  });

  it("[ARM-SUBSCRIPTION-LISTS] subscriptions of a group and of the subscription, and all by location", async () => {
    const create = "eventgrid event-subscription create --endpoint {hook} --query topic";
    expect(await json(`${create} -n of-group --source-resource-id ${GROUP}`)).toBe(GROUP);
    expect(await json(`${create} -n of-all --source-resource-id ${SUBSCRIPTION}`)).toBe(SUBSCRIPTION);
    const list = "eventgrid event-subscription list --query [].name";
    expect(await json(`${list} --source-resource-id ${GROUP}`)).toEqual(["of-group"]);
    expect(await json(`${list} --source-resource-id ${SUBSCRIPTION}`)).toEqual(["of-all"]);
    expect(await json(`${list} --location global`)).toEqual(["of-all", "of-group"]);
    expect(await json(`${list} --location global -g rg1 --topic-type Microsoft.Resources.ResourceGroups`)).toEqual([
      "of-group",
    ]);
    await json(`eventgrid event-subscription delete -n of-group --source-resource-id ${GROUP}`);
    await json(`eventgrid event-subscription delete -n of-all --source-resource-id ${SUBSCRIPTION}`);
  });

  it("az eventgrid domain and domain topic, with their subscriptions", async () => {
    const domain = "--domain-name domain1 -g rg1";
    const north = `${domain} --domain-topic-name north`;
    const id = `${GROUP}/providers/Microsoft.EventGrid/domains/domain1`;
    expect(await json("eventgrid domain create -g rg1 -n domain1 -l westeurope")).toMatchObject({
      id,
      autoCreateTopicWithFirstSubscription: true,
    });
    expect(await json("eventgrid domain update -g rg1 -n domain1 --tags a=b --query tags")).toEqual({ a: "b" });
    expect(await json("eventgrid domain list -g rg1 --query [].name")).toEqual(["domain1"]);
    const keys = (await json("eventgrid domain key list -g rg1 -n domain1")) as Record<string, string>;
    const newKeys = await json("eventgrid domain key regenerate -g rg1 -n domain1 --key-name key2");
    expect(newKeys).toMatchObject({ key1: keys["key1"] });
    expect(await json(`eventgrid domain topic create ${domain} -n north --query id`)).toBe(`${id}/topics/north`);
    expect(await json(`eventgrid domain topic list ${domain} --query [].name`)).toEqual(["north"]);
    expect(await json(`eventgrid domain topic show ${domain} -n north --query provisioningState`)).toBe("Succeeded");
    await json(`eventgrid domain event-subscription create ${domain} -n everything --endpoint {hook}`);
    expect(await json(`eventgrid domain event-subscription list ${domain} --query [].name`)).toEqual(["everything"]);
    const nested = "eventgrid domain topic event-subscription";
    expect(await json(`${nested} create ${north} -n part --endpoint {hook} --query type`)).toBe(
      "Microsoft.EventGrid/domains/topics/eventSubscriptions",
    );
    await json(`${nested} update ${north} -n part --labels a`);
    expect(await json(`${nested} show ${north} -n part --query labels`)).toEqual(["a"]);
    expect(
      await json(`eventgrid event-subscription list --source-resource-id ${id}/topics/north --query [].name`),
    ).toEqual(["part"]);
    await json(`${nested} delete -y ${north} -n part`);
    await json(`eventgrid domain event-subscription delete -y ${domain} -n everything`);
    await json(`eventgrid domain topic delete ${domain} -n north`);
    await json("eventgrid domain delete -g rg1 -n domain1");
    expect(await json("eventgrid domain list -g rg1")).toEqual([]);
  });

  it.each([
    ["a group that is not there", "topic create -g nowhere -n topic2 -l local", 3, "(ResourceGroupNotFound)"],
    ["a name too short", "topic create -g rg1 -n t -l local", 1, "between 3 and 50 characters in length."],
    ["a domain that is not there", "domain topic create -g rg1 --domain-name no -n t1", 3, "(ParentResourceNotFound)"],
    [
      "a topic that is not there",
      `event-subscription create -n lost --source-resource-id ${TOPIC}x --endpoint {hook}`,
      3,
      "(ResourceNotFound)",
    ],
  ])("[ARM-ERROR] az reports %s, and fails", async (_, line, code, reason) => {
    const ended = await bench.az(`eventgrid ${line}`);
    expect(ended).toMatchObject({ code, stderr: expect.stringContaining(reason) as string });
  });

  it.each(["{http}/nowhere", "http://127.0.0.1:1/"])(
    "[EG-HANDSHAKE-DEV] az subscribes an endpoint that does not complete the handshake at once: %s",
    async (endpoint) => {
      const line = `event-subscription create -n deaf --source-resource-id ${TOPIC} --endpoint ${endpoint}`;
      expect(await json(`eventgrid ${line} --query provisioningState`)).toBe("Succeeded");
      await json(`eventgrid event-subscription delete -n deaf --source-resource-id ${TOPIC}`);
    },
  );

  it("az group, resource and provider", async () => {
    expect(await json("group create -n rg2 -l westeurope --tags a=b")).toMatchObject({
      properties: { provisioningState: "Succeeded" },
    });
    expect(await json("group exists -n rg2")).toBe(true);
    expect(await json("group update -n rg2 --set tags.c=d --query tags")).toEqual({ a: "b", c: "d" });
    expect(await json("group list --query [].name")).toEqual(expect.arrayContaining(["rg1", "rg2", "ringmain"]));
    expect(await json("group show -n rg1 --query location")).toBe("westeurope");
    // The source has a system topic because it has a subscription.
    expect(await json("resource list -g rg1 --query [].id")).toContain(TOPIC);
    const named = "-n topic1 --resource-type Microsoft.EventGrid/topics";
    expect(await json(`resource show -g rg1 ${named}`)).toMatchObject({ id: TOPIC, name: "topic1" });
    expect(await json(`resource show --ids ${TOPIC} --query name`)).toBe("topic1");
    expect(await json("provider show -n Microsoft.EventGrid --query registrationState")).toBe("Registered");
    await json("provider register -n Microsoft.EventGrid");
    const url = `${TOPIC.replace(SUBSCRIPTION, "/subscriptions/{subscriptionId}")}?api-version=2025-02-15`;
    expect(await json(`rest --url ${url}`)).toMatchObject({ name: "topic1" });
    await json("eventgrid topic create -g rg2 -n topic2 -l local");
    await json("group delete -n rg2 --yes");
    expect(await json("group exists -n rg2")).toBe(false);
    expect(await json("eventgrid topic list --query [].name")).toEqual(["topic1"]);
  });
});
