import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DEFAULT_SUBSCRIPTION_ID } from "../../src/core/resources/resource-id.ts";
import { TOKEN } from "../support/clients/arm-client.ts";
import {
  hostileTemplate,
  KNOWN_HOSTILE_TEMPLATES,
  type HostileTemplate,
} from "../support/fixtures/hostile-templates.ts";
import { seededRandom } from "../support/fixtures/seeded-random.ts";
import { removeFolders, runRingmain, type RunningRingmain } from "../support/servers/run-ringmain.ts";

const GROUP = `/subscriptions/${DEFAULT_SUBSCRIPTION_ID}/resourceGroups/ringmain`;
const DEPLOYMENTS = `${GROUP}/providers/Microsoft.Resources/deployments`;

interface CallResult {
  readonly status: number;
  readonly retryAfter: string | null;
  readonly code: unknown;
  readonly state: unknown;
}

async function call(ringmain: RunningRingmain, method: string, path: string, body?: string): Promise<CallResult> {
  const reply = await fetch(`${ringmain.ready.http}${path}?api-version=2021-04-01`, {
    method,
    headers: { authorization: `Bearer ${TOKEN}`, "content-type": "application/json" },
    ...(body === undefined ? {} : { body }),
  });
  const json = (await reply.json()) as {
    readonly error?: { readonly code: string };
    readonly properties?: { readonly provisioningState?: string };
  };
  return {
    status: reply.status,
    retryAfter: reply.headers.get("retry-after"),
    code: json.error?.code,
    state: json.properties?.provisioningState,
  };
}

/** Publishes one event after another until the returned function is called, which resolves with the statuses. */
function publishing(ringmain: RunningRingmain): () => Promise<readonly number[]> {
  const { endpoint, key1 } = ringmain.ready.topics[0] ?? {};
  const event = {
    id: "1",
    subject: "s",
    eventType: "t",
    eventTime: "2026-01-01T00:00:00Z",
    data: {},
    dataVersion: "1",
  };
  const statuses: number[] = [];
  const over = new AbortController();
  const done = (async () => {
    while (!over.signal.aborted) {
      const { status } = await fetch(endpoint ?? "", {
        method: "POST",
        headers: { "aeg-sas-key": key1 ?? "" },
        body: JSON.stringify([event]),
      });
      statuses.push(status);
    }
  })();
  return async () => {
    over.abort();
    await done;
    return statuses;
  };
}

describe("[ARM-TEMPLATE-BUDGET] hostile templates", () => {
  let ringmain: RunningRingmain;
  let deployed = 0;

  beforeAll(async () => {
    ringmain = await runRingmain({ config: { topics: [{ name: "orders" }] }, args: ["--memory"] });
  });

  afterAll(async () => {
    await ringmain.stop();
    await removeFolders();
  });

  /** Deploys a template and waits for its end. */
  async function outcomeOf({ body }: HostileTemplate): Promise<CallResult> {
    deployed += 1;
    const path = `${DEPLOYMENTS}/hostile${deployed}`;
    let answer = await call(ringmain, "PUT", path, body);
    while (answer.status === 429) answer = await call(ringmain, "PUT", path, body);
    while (answer.state === "Running") answer = await call(ringmain, "GET", path);
    return answer;
  }

  it.each(KNOWN_HOSTILE_TEMPLATES)(
    "$name: refused, or failed, while publishing goes on",
    { timeout: 180_000 },
    async (hostile) => {
      const stop = publishing(ringmain);
      const { status, code, state } = await outcomeOf(hostile);
      const statuses = await stop();
      expect(status === 400 ? code : state).toMatch(/^(?:InvalidTemplate|InvalidRequestContent|Failed)$/);
      expect(statuses.length).toBeGreaterThan(0);
      expect(new Set(statuses)).toEqual(new Set([200]));
    },
  );

  it("are refused with 429 and Retry-After if there are too many at one time", { timeout: 180_000 }, async () => {
    const [unions] = KNOWN_HOSTILE_TEMPLATES;
    const stop = publishing(ringmain);
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, index) => call(ringmain, "PUT", `${DEPLOYMENTS}/many${index}`, unions?.body)),
    );
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused.length).toBeGreaterThanOrEqual(40 - 6 - 16);
    for (const { code, retryAfter } of refused) expect([code, retryAfter]).toEqual(["TooManyRequests", "1"]);
    expect(answers.every(({ status }) => status === 201 || status === 429)).toBe(true);
    expect(new Set(await stop())).toEqual(new Set([200]));
  });

  it("end at once when canceled", { timeout: 60_000 }, async () => {
    const path = `${DEPLOYMENTS}/canceled`;
    const [unions] = KNOWN_HOSTILE_TEMPLATES;
    let begun = await call(ringmain, "PUT", path, unions?.body);
    while (begun.status === 429) begun = await call(ringmain, "PUT", path, unions?.body);
    expect(begun.status).toBe(201);
    await fetch(`${ringmain.ready.http}${path}/cancel?api-version=2021-04-01`, {
      method: "POST",
      headers: { authorization: `Bearer ${TOKEN}` },
    });
    let state: unknown = "Running";
    while (state === "Running") ({ state } = await call(ringmain, "GET", path));
    expect(state).toMatch(/^(?:Canceled|Failed)$/);
  });

  it("from 16 seeds are deployed, are refused or fail", { timeout: 180_000 }, async () => {
    for (let seed = 1_001; seed <= 1_016; seed += 1) {
      const { status, state } = await outcomeOf(hostileTemplate(seededRandom(seed)));
      expect(status === 400 ? "refused" : state, `seed ${seed}`).toMatch(/^(?:refused|Failed|Succeeded)$/);
    }
  });

  it("do not delay the server's stop", { timeout: 60_000 }, async () => {
    const own = await runRingmain({ config: { topics: [{ name: "orders" }] }, args: ["--memory"] });
    const [unions] = KNOWN_HOSTILE_TEMPLATES;
    const answers = [1, 2, 3].map((index) =>
      call(own, "PUT", `${DEPLOYMENTS}/d${index}`, unions?.body).catch(() => {}),
    );
    await answers[0];
    expect(await own.stop()).toBe(0);
    await Promise.all(answers);
    expect(own.errors.join("")).toBe("");
  });
});
