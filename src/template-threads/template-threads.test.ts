import { describe, expect, it, onTestFinished } from "vitest";
import { RingmainError } from "../core/errors.ts";
import type { DeploymentTarget } from "../resource-manager/template/deploy-template.ts";
import { TargetError } from "../resource-manager/template/target-error.ts";
import { TemplateError } from "../resource-manager/template/template-error.ts";
import type { TemplateSession } from "../resource-manager/template/template-evaluator.ts";
import { TemplateThreads, type TemplateThreadLimits } from "./template-threads.ts";

/** A thread that does what the name of its deployment says. */
const ENTRY = new URL("../../test/support/fixtures/template-thread.mjs", import.meta.url);

function threadsOf(
  limits: Partial<TemplateThreadLimits> = {},
): (name: string, caller?: string) => Promise<TemplateSession> {
  const threads = new TemplateThreads(limits, ENTRY);
  onTestFinished(() => threads.close());
  const scope = { tenantId: "t", subscriptionId: "s", resourceGroup: undefined, now: 0 };
  return (name, caller = "") => threads.open({ body: Buffer.from("{}"), name, scope }, caller);
}

const target: DeploymentTarget = {
  put: () => Promise.resolve(),
  get: (id) => Promise.resolve({ id }),
  list: () => Promise.resolve({}),
  ended: () => {},
  resourceGroup: () => Promise.reject(new Error("none")),
};

describe("[ARM-TEMPLATE-BUDGET] template threads", () => {
  it("carry out the calls of a thread", async () => {
    const session = await threadsOf()("open");
    expect(session.order).toMatchObject({ mode: "Incremental", location: "local", templateHash: "0" });
    expect(await session.deploy(target)).toMatchObject({ outputs: { it: { id: "/a" } } });
  });

  it.each([
    new TargetError({ code: "Conflict", message: "taken" }),
    new TemplateError("InvalidTemplate", "refused"),
    new RingmainError("not_found", "absent"),
  ])("pass on the error that a call was rejected with: $name", async (reason) => {
    const session = await threadsOf()("open");
    const deployed = session.deploy({ ...target, get: () => Promise.reject(reason) });
    await expect(deployed).rejects.toEqual(reason);
  });

  it("end a thread that works for too long, after which another one may work", async () => {
    const open = threadsOf({ workMs: 300, turns: 1 });
    const spinning = open("spin");
    const other = open("open");
    await expect(spinning).rejects.toMatchObject({
      name: "TemplateError",
      message: expect.stringContaining("exceeds the limit of '0.3' seconds") as string,
    });
    await other;
  });

  it("end a thread that uses too much memory", async () => {
    await expect(threadsOf({ heapMegabytes: 16 })("allocate")).rejects.toMatchObject({
      name: "TemplateError",
      message: expect.stringContaining("exceeds the limit of '16777216' bytes of memory") as string,
    });
  });

  it.each(["throw", "exit"])("reject if a thread ends by itself: %s", async (name) => {
    await expect(threadsOf()(name)).rejects.toThrow(/broken|was ended/);
  });

  it("refuse more concurrent deployments than there are places, and release places", async () => {
    const open = threadsOf({ places: 2, placesPerCaller: 2, waiting: 0 });
    const session = await open("open");
    await open("open");
    await expect(open("open")).rejects.toMatchObject({ code: "too_many_requests" });
    session.close();
    await open("open");
    await expect(open("throw")).rejects.toMatchObject({ code: "too_many_requests" });
  });

  it("end the work in progress when they are closed, and accept no more", async () => {
    const threads = new TemplateThreads({}, ENTRY);
    const scope = { tenantId: "t", subscriptionId: "s", resourceGroup: undefined, now: 0 };
    const session = await threads.open({ body: Buffer.from("{}"), name: "open", scope }, "");
    const deploying = session.deploy({ ...target, get: () => new Promise(() => {}) });
    threads.close();
    await expect(deploying).rejects.toMatchObject({ code: "not_ready" });
    const late = threads.open({ body: Buffer.from("{}"), name: "open", scope }, "");
    await expect(late).rejects.toMatchObject({ code: "not_ready" });
  });
});
