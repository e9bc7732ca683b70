import { readdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { FORMAT_VERSION } from "../../src/stores/lmdb/file/data-format.ts";
import { Receiver } from "../support/servers/receiver.ts";
import { removeFolders, runRingmain, temporaryFolder, type RunningRingmain } from "../support/servers/run-ringmain.ts";
import { Publishers, topicKey } from "./publisher.ts";
import { runCli } from "./run-cli.ts";

const running: RunningRingmain[] = [];
afterEach(() => Promise.all(running.splice(0).map((ringmain) => ringmain.kill())));
afterAll(removeFolders);

async function start(...args: Parameters<typeof runRingmain>): Promise<RunningRingmain> {
  const ringmain = await runRingmain(...args);
  running.push(ringmain);
  return ringmain;
}

function configFor(url: string, more: object = {}): object {
  const destination = { endpointType: "WebHook", properties: { endpointUrl: url } };
  const subscriptions = ["one", "two"].map((name) => ({ name, destination }));
  return { topics: [{ name: "orders", key1: topicKey, subscriptions }], ...more };
}

describe("backup and restore", () => {
  it("a backup under load contains every event acknowledged before it, and all of them can be delivered", async () => {
    const receiver = await Receiver.start();
    // Never responds, so that every event still waits, without the pause of a retry.
    receiver.answer = () => new Promise<number>(() => {});
    const config = configFor(receiver.url);
    const folder = await temporaryFolder();
    const ringmain = await start({ config });
    const publishers = new Publishers();
    let backedUp = false;
    const publishing = publishers.run(ringmain, { topics: ["orders"], connections: 8, enough: () => backedUp });
    while (publishers.acknowledged.size < 300) await new Promise((resolve) => setImmediate(resolve));
    const before = [...publishers.acknowledged];
    const backup = await runCli(["backup", folder, "--http", ringmain.ready.http], folder);
    backedUp = true;
    await publishing;
    expect(backup).toMatchObject({ code: 0, errors: "" });
    const [report] = backup.lines;
    const file = String(report?.["file"]);
    expect(report).toMatchObject({ event: "backed_up", resources: 3, format: FORMAT_VERSION });
    expect(report?.["deliveries"]).toBeGreaterThanOrEqual(2 * before.length);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const data = join(ringmain.configFile, "..", "data");
    expect((await readdir(data)).filter((name) => name.startsWith("backup"))).toEqual([]);
    // Publishing continued during the backup.
    expect(publishers.refused).toEqual([]);
    expect(publishers.acknowledged.size).toBeGreaterThan(before.length);
    await ringmain.kill();

    const restored = join(folder, "restored");
    const restoring = await runCli(["restore", file, "--data", restored], folder);
    expect(restoring).toMatchObject({ code: 0, lines: [{ event: "restored", deliveries: report?.["deliveries"] }] });
    const delivered = new Map<string, number>();
    receiver.answer = ({ headers, body }) => {
      for (const { id } of body as { id: string }[]) {
        const key = `${String(headers["aeg-subscription-name"])} ${id}`;
        delivered.set(key, (delivered.get(key) ?? 0) + 1);
      }
      return 200;
    };
    await start({ config, data: restored });
    await receiver.until(() => delivered.size === report?.["deliveries"]);
    expect(before.filter((id) => !delivered.has(`ONE ${id}`) || !delivered.has(`TWO ${id}`))).toEqual([]);
    expect([...delivered].filter(([, times]) => times > 1)).toEqual([]);
    expect([...delivered.keys()].filter((key) => !publishers.sent.has(key.slice(4)))).toEqual([]);
    await receiver.stop();
  });

  it("is created with the admin key from the configuration if there is one", async () => {
    const config = { topics: [], adminKey: "a-key-for-management" };
    const ringmain = await start({ config });
    const folder = await temporaryFolder();
    const address = ["--http", ringmain.ready.http];
    const refused = await runCli(["backup", "b.mdb", ...address], folder);
    expect(refused).toMatchObject({ code: 1, errors: expect.stringContaining("401: Management calls need") as string });
    expect(await readdir(folder)).toEqual([]);
    const taken = await runCli(["backup", "b.mdb", ...address, "--config", ringmain.configFile], folder);
    expect(taken).toMatchObject({ code: 0, lines: [{ file: join(folder, "b.mdb"), deliveries: 0 }] });
    const again = await runCli(["backup", "b.mdb", ...address], folder);
    expect(again).toMatchObject({ code: 2, errors: expect.stringContaining("already exists") as string });
  });

  it("a backup is not restored over data, nor if it is damaged", async () => {
    const ringmain = await start({ config: configFor("http://127.0.0.1:9/") });
    const folder = await temporaryFolder();
    await runCli(["backup", "b.mdb", "--http", ringmain.ready.http], folder);
    const data = join(ringmain.configFile, "..", "data");
    const over = await runCli(["restore", "b.mdb", "--data", data], folder);
    expect(over).toMatchObject({ code: 1, errors: expect.stringContaining("data.mdb already exists") as string });
    await writeFile(join(folder, "b.mdb"), "no backup at all ".repeat(1_000));
    const damaged = await runCli(["restore", "b.mdb", "--data", join(folder, "new")], folder);
    expect(damaged).toMatchObject({ code: 1, errors: expect.stringContaining("b.mdb is damaged") as string });
    expect((await runCli(["restore", "c.mdb", "--data", "new"], folder)).code).toBe(2);
  });
});
