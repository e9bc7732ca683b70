import { X509Certificate } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { oneRsaKey } from "../../../test/support/fixtures/rsa-keys.ts";
import { newRsaKey } from "../rsa-key.ts";
import { CertificateFiles } from "./certificate-files.ts";
import { CertificateFolder } from "./certificate-folder.ts";
import { createAuthority, issueServerCertificate } from "./issue-certificate.ts";

const DAY_MS = 86_400_000;
const START = Date.UTC(2026, 0, 1);
const NAMES = ["localhost", "*.eventgrid.localhost", "127.0.0.1", "::1"];
const newKey = oneRsaKey();
let folder: string;
let now: number;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "ringmain-certificates-"));
  now = START;
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const open = (names: readonly string[] = NAMES, at = folder): CertificateFolder =>
  new CertificateFolder({ folder: at, names, now: () => now, newKey });

describe("the authority and its certificates", () => {
  it("satisfy the checks of clients", async () => {
    const authority = createAuthority(await newKey(), now);
    const server = issueServerCertificate(authority, await newKey(), NAMES, now);
    const [ca, leaf] = [new X509Certificate(authority.cert), new X509Certificate(server.cert)];
    expect([ca.ca, leaf.ca]).toEqual([true, false]);
    expect(leaf.checkIssued(ca)).toBe(true);
    expect(leaf.verify(ca.publicKey)).toBe(true);
    expect(leaf.keyUsage).toEqual(["1.3.6.1.5.5.7.3.1"]);
    for (const name of ["localhost", "orders.eventgrid.localhost"]) expect(leaf.checkHost(name)).toBeDefined();
    for (const address of ["127.0.0.1", "::1"]) expect(leaf.checkIP(address)).toBe(address);
    expect(leaf.checkHost("example.org")).toBeUndefined();
    expect(Date.parse(leaf.validTo) - now).toBe(397 * DAY_MS);
    expect(Date.parse(leaf.validFrom)).toBeLessThan(now);
  });
});

describe("the folder", () => {
  it("is created on first use, with keys that only the owner can read", async () => {
    const at = join(folder, "deeper", "still");
    await open(NAMES, at).current();
    const modes = await Promise.all(
      ["", "authority.pem", "server.pem", "ca.pem"].map(async (name) => (await stat(join(at, name))).mode & 0o777),
    );
    expect(modes).toEqual([0o700, 0o600, 0o600, 0o644]);
    expect(await readFile(join(at, "ca.pem"), "utf8")).not.toContain("PRIVATE KEY");
    expect((await readdir(at)).toSorted()).toEqual(["authority.pem", "ca.pem", "server.pem"]);
  });

  it("keeps authority and certificate for the next start", async () => {
    const before = await open().current();
    expect(await open().current()).toEqual(before);
  });

  it("is shared by processes that start at once: they have one authority", async () => {
    const folders = Array.from({ length: 4 }, () => open());
    const [authorities, servers] = await Promise.all([
      Promise.all(folders.map((one) => one.authority())),
      Promise.all(folders.map((one) => one.current())),
    ]);
    expect(new Set(authorities.map(({ cert }) => cert)).size).toBe(1);
    const ca = new X509Certificate(authorities[0]?.cert ?? "");
    for (const { cert } of servers) expect(new X509Certificate(cert).checkIssued(ca)).toBe(true);
  });

  it.each([
    ["further names", () => [...NAMES, "ringmain.example"], 0],
    ["its end in sight", () => NAMES, 380 * DAY_MS],
  ])("issues another certificate by the same authority for %s", async (_why, names, later) => {
    const before = await open().current();
    const authority = await open().authority();
    now += later;
    const after = await open(names()).current();
    expect(after.cert).not.toBe(before.cert);
    expect(await open().authority()).toEqual(authority);
  });

  it("renews the certificate of a server that runs for a year", async () => {
    const opened = open();
    const before = await opened.current();
    now += 366 * DAY_MS;
    expect(await opened.current()).toBe(before);
    now += 5 * DAY_MS;
    const after = await opened.current();
    expect(after.cert).not.toBe(before.cert);
    expect(await opened.current()).toBe(after);
  });

  it("issues certificates for hosts below localhost, and for no other name", async () => {
    const opened = open();
    const certified = await opened.named("Orders.westus2-1.eventgrid.localhost");
    expect(new X509Certificate(certified?.cert ?? "").checkHost("orders.westus2-1.eventgrid.localhost")).toBeDefined();
    expect(await opened.named("orders.westus2-1.eventgrid.localhost")).toBe(certified);
    for (const name of [
      "orders.eventgrid.localhost",
      "example.org",
      "localhost.example.org",
      ".localhost",
      "a b.localhost",
    ]) {
      expect(await opened.named(name), name).toBeUndefined();
    }
  });

  it("reports what is wrong with it, and works again once that is repaired", async () => {
    const opened = open();
    await writeFile(join(folder, "authority.pem"), "not a key");
    await expect(opened.current()).rejects.toThrow(/authority\.pem does not contain a private key and a certificate/);
    await rm(join(folder, "authority.pem"));
    expect((await opened.current()).cert).toContain("CERTIFICATE");
    await writeFile(join(folder, "file"), "");
    await expect(open(NAMES, join(folder, "file")).current()).rejects.toThrow(/tls\.folder.*ENOTDIR/);
  });
});

describe("files of the user's own", () => {
  const problems: Error[] = [];
  const files = (): CertificateFiles =>
    new CertificateFiles({
      certificateFile: join(folder, "cert"),
      keyFile: join(folder, "key"),
      now: () => now,
      onProblem: (error) => problems.push(error),
    });
  const write = async (name: string): Promise<void> => {
    const keys = await newKey();
    const { key, cert } = issueServerCertificate(createAuthority(keys, now), keys, [name], now);
    await writeFile(join(folder, "key"), key);
    await writeFile(join(folder, "cert"), cert);
  };

  it("are read again each minute, and stay in use when they break", async () => {
    await write("one.example");
    const opened = files();
    const one = await opened.current();
    await write("two.example");
    expect(await opened.current()).toBe(one);
    now += 60_000;
    const two = await opened.current();
    expect(new X509Certificate(two.cert).checkHost("two.example")).toBeDefined();
    now += 60_000;
    expect(await opened.current()).toBe(two);
    await writeFile(join(folder, "key"), await newRsaKey());
    now += 60_000;
    expect(await opened.current()).toBe(two);
    expect(problems).toMatchObject([
      { message: expect.stringContaining("the key does not belong to the certificate") },
    ]);
  });

  it("that were never usable are refused by name", async () => {
    await expect(files().current()).rejects.toThrow(
      `${join(folder, "cert")} ('tls.certificate') with the key ${join(folder, "key")}`,
    );
  });
});
