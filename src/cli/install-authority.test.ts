import { describe, expect, it } from "vitest";
import { asShell, installPlan } from "./install-authority.ts";

const plan = (platform: NodeJS.Platform, ...files: string[]) =>
  installPlan(platform, "/home/me/my ca.pem", (path) => files.includes(path));

describe("installPlan", () => {
  it.each([
    ["darwin", [], ["security add-trusted-cert -r trustRoot '/home/me/my ca.pem'"]],
    ["win32", [], ["certutil -user -addstore Root '/home/me/my ca.pem'"]],
    [
      "linux",
      ["/usr/sbin/update-ca-certificates"],
      [
        "sudo cp '/home/me/my ca.pem' /usr/local/share/ca-certificates/ringmain.crt",
        "sudo /usr/sbin/update-ca-certificates",
      ],
    ],
    [
      "linux",
      ["/usr/bin/update-ca-trust"],
      ["sudo cp '/home/me/my ca.pem' /etc/pki/ca-trust/source/anchors/ringmain.pem", "sudo /usr/bin/update-ca-trust"],
    ],
  ] as const)("returns the steps for %s with the files %j", (platform, files, lines) => {
    const known = plan(platform, ...files);
    expect(known && asShell(known, "/home/me/my ca.pem")).toEqual(lines);
  });

  it("returns undefined for a system that is not supported", () => {
    expect(plan("linux")).toBeUndefined();
  });
});
