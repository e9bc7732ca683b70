import { copyFile, cp, mkdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { removeFolders, runRingmain, temporaryFolder, type RunningRingmain } from "../support/servers/run-ringmain.ts";
import { publishOne, topicKey, type PublishResult } from "./publisher.ts";

const running: RunningRingmain[] = [];
afterEach(() => Promise.all(running.splice(0).map((ringmain) => ringmain.kill())));
afterAll(removeFolders);

const destination = { endpointType: "WebHook", properties: { endpointUrl: "http://127.0.0.1:9/" } };
const config = { topics: [{ name: "orders", key1: topicKey, subscriptions: [{ name: "one", destination }] }] };

async function start(data: string): Promise<RunningRingmain> {
  const ringmain = await runRingmain({ config, data });
  running.push(ringmain);
  return ringmain;
}

/** Replaces a file by an equal one. */
async function replaceFile(path: string): Promise<void> {
  await copyFile(path, `${path}.copy`);
  await rename(`${path}.copy`, path);
}

const losses: readonly [name: string, lose: (data: string) => Promise<void>, message: RegExp][] = [
  ["is deleted", (data) => rm(data, { recursive: true }), /data\.mdb was deleted or moved away/],
  ["is moved away", (data) => rename(data, `${data}.away`), /data\.mdb was deleted or moved away/],
  [
    "is replaced by a copy of itself",
    async (data) => {
      await cp(data, `${data}.copy`, { recursive: true });
      await rename(data, `${data}.away`);
      await rename(`${data}.copy`, data);
    },
    /data\.mdb was replaced/,
  ],
  [
    "is replaced by an empty one",
    async (data) => {
      await rename(data, `${data}.away`);
      await mkdir(data);
    },
    /data\.mdb was deleted or moved away/,
  ],
  ["loses its data file", (data) => rm(join(data, "data.mdb")), /data\.mdb was deleted or moved away/],
  ["gets another data file", (data) => replaceFile(join(data, "data.mdb")), /data\.mdb was replaced/],
  ["loses a segment of its log", (data) => rm(join(data, "log.0")), /log\.0 was deleted or moved away/],
  ["gets another segment of its log", (data) => replaceFile(join(data, "log.1")), /log\.1 was replaced/],
  [
    "loses the lock against other processes",
    (data) => rm(join(data, "owner.mdb-lock")),
    /owner\.mdb-lock was deleted or moved away/,
  ],
];

describe("a data folder in use", () => {
  for (const [name, lose, message] of losses) {
    it(`that ${name}: publishers are refused within five seconds, and the process exits with the reason`, async () => {
      const data = join(await temporaryFolder(), "data");
      const ringmain = await start(data);
      expect(await publishOne(ringmain, "orders", "before")).toMatchObject({ status: 200 });
      await lose(data);
      const since = performance.now();
      let last: PublishResult = "broken";
      do last = await publishOne(ringmain, "orders", "after");
      while (last !== "broken" && last.status === 200);
      expect(performance.now() - since).toBeLessThan(5_000);
      if (last !== "broken") expect(last.status).toBe(503);
      expect(await ringmain.exited).toBe(1);
      expect(ringmain.errors.join("")).toMatch(message);
      expect(ringmain.errors.join("")).not.toContain("    at ");
      expect(ringmain.lines.some((line) => line.includes('"store_lost"'))).toBe(true);
    });
  }
});
