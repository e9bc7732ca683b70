import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Receiver } from "../support/servers/receiver.ts";
import { removeFolders, runRingmain, type RunningRingmain } from "../support/servers/run-ringmain.ts";

const script = (name: string): string => new URL(`python/${name}`, import.meta.url).pathname;

describe("Python's azure.mgmt.eventgrid, as Debian ships it", () => {
  let receiver: Receiver;
  let ringmain: RunningRingmain;

  beforeAll(async () => {
    receiver = await Receiver.start();
    ringmain = await runRingmain({ config: { topics: [{ name: "declared" }] } });
  });

  afterAll(async () => {
    expect(await ringmain.stop()).toBe(0);
    await receiver.stop();
    await removeFolders();
  });

  it("[ARM-LRO] [ARM-STATUS] manages topics, subscriptions, domains and system topics", async () => {
    const { http } = ringmain.ready;
    const { stdout } = await promisify(execFile)("/usr/bin/python3", [script("manage.py"), http, receiver.url]);
    expect(JSON.parse(stdout)).toEqual({
      location: "westeurope",
      endpoint: `${http}/topics/snakes/api/events`,
      keyKept: true,
      keyChanged: true,
      state: "Succeeded",
      labels: ["l"],
      filter: "/a",
      fullUrl: `${receiver.url}?code=secret`,
      unconsented: "Succeeded",
      domainTopics: ["north"],
      listed: ["declared", "snakes"],
      gone: "ResourceNotFound",
    });
  });

  it("[ARM-LRO] [ARM-STATUS] waits for every long-running operation on every type", async () => {
    const args = [script("manage_all.py"), ringmain.ready.http, receiver.url];
    const { stdout } = await promisify(execFile)("/usr/bin/python3", args);
    expect(JSON.parse(stdout)).toEqual({ ended: 41, left: [] });
  });
});
