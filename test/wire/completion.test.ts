import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runCommand } from "../support/clients/run-command.ts";
import { removeFolders, runRingmain, temporaryFolder } from "../support/servers/run-ringmain.ts";

const run = promisify(execFile);

let folder: string;
const scripts = new Map<string, string>();

beforeAll(async () => {
  folder = await temporaryFolder();
  for (const shell of ["bash", "zsh", "fish"]) {
    const { code, output } = await runCommand(["completion", shell], folder);
    expect(code).toBe(0);
    scripts.set(shell, output);
    await writeFile(join(folder, shell), output);
  }
  await writeFile(join(folder, "events.json"), "");
});

afterAll(removeFolders);

/**
 * Returns bash's completions for the last of the words. `ringmain` is a stand-in that prints the names it was asked
 * for.
 */
async function offered(...words: string[]): Promise<string[]> {
  const script = [
    'ringmain() { echo "one-$3 two-$3"; }',
    'source "$0"',
    'COMP_WORDS=("$@")',
    "COMP_CWORD=$(($# - 1))",
    // Uses the function that `complete` reports instead of its name, to test the registration as well.
    "$(complete -p ringmain | sed 's/.*-F \\([^ ]*\\).*/\\1/')",
    'printf "%s\\n" "${COMPREPLY[@]}"',
  ].join("\n");
  const { stdout } = await run("bash", ["-c", script, join(folder, "bash"), ...words], { cwd: folder });
  return stdout.split("\n").filter((line) => line !== "");
}

describe("the completion of bash", () => {
  it.each<[typed: string, found: readonly string[]]>([
    ["ringmain to", ["topic"]],
    ["ringmain re", ["restore", "repair"]],
    ["ringmain topic ", ["create", "list", "show", "update", "delete", "keys", "-h", "--help"]],
    [
      "ringmain topic create orders --input-",
      ["--input-schema", "--input-mapping-fields", "--input-mapping-default-values"],
    ],
    ["ringmain topic create ", []],
    ["ringmain topic show ", ["one-topic", "two-topic"]],
    ["ringmain subscription delete --topic tw", ["two-topic"]],
    ["ringmain subscription delete o", ["one-subscription"]],
    ["ringmain event publish one", ["one-topic"]],
    ["ringmain export --format ", ["bicep", "arm", "config"]],
    ["ringmain export --format arm --inc", ["--include-secrets"]],
    ["ringmain export --resource-group ", []],
    ["ringmain event publish orders --file ev", ["events.json"]],
    ["ringmain import ev", ["events.json"]],
    ["ringmain completion f", ["fish"]],
    ["ringmain topic --http http://x show t", ["two-topic"]],
    ["ringmain nothing", []],
  ])("of '%s'", async (typed, found) => {
    expect(await offered(...typed.split(" "))).toEqual(found);
  });
});

describe("the completion of other shells", () => {
  it("of zsh lists commands with their descriptions, correctly quoted", () => {
    const script = scripts.get("zsh") ?? "";
    expect(script).toMatch(/^#compdef ringmain\n/);
    expect(script).toContain("\"ringmain topic\") found=('create:Create a topic, or replace an existing one.'");
    expect(script).toContain("that of the configuration'\\''s resources");
    expect(script).toContain('"ringmain export --format") compadd -- bicep arm config; return ;;');
    // Every quote is closed on its line.
    for (const line of script.split("\n").filter((each) => each.includes("found=("))) {
      expect(line.replaceAll("'\\''", "").split("'").length % 2).toBe(1);
    }
  });

  it("of fish has one complete a line, each for a known command", () => {
    const lines = (scripts.get("fish") ?? "").split("\n").filter((line) => line.startsWith("complete "));
    expect(lines).toContain(
      "complete -c ringmain -n \"__ringmain_at 'ringmain export'\" -l format -x -a 'bicep arm config' -d 'format of the file'",
    );
    for (const line of lines.slice(1)) {
      expect(line).toMatch(/^complete -c ringmain -n "__ringmain_at 'ringmain[a-z -]*'" -\w/);
      expect(line.replaceAll("\\'", "").split("'").length % 2).toBe(1);
    }
  });

  it("of any other shell does not exist", async () => {
    const { code, errors } = await runCommand(["completion", "csh"], folder);
    expect(code).toBe(2);
    expect(errors).toContain("Allowed choices are bash, zsh, fish.");
  });
});

describe("names for a completion", () => {
  it("are those of the server in the configuration, and empty without one", async () => {
    const subscriptions = [{ name: "live", destination: { endpointType: "Stream", properties: {} } }];
    const ringmain = await runRingmain({
      config: {
        topics: [{ name: "orders", subscriptions }, { name: "custom" }],
        domains: [{ name: "shop", topics: [{ name: "europe", subscriptions: [] }] }],
      },
      args: ["--memory"],
    });
    const { port } = new URL(ringmain.ready.http);
    await writeFile(join(folder, "ringmain.config.json"), JSON.stringify({ port: Number(port) }));
    const names = async (kind: string): Promise<string> =>
      (await runCommand(["completion", "names", kind], folder)).output;
    expect(await names("topic")).toBe("custom\norders\n");
    expect(await names("domain-topic")).toBe("europe\n");
    expect(await names("subscription")).toBe("live\n");
    await ringmain.stop();
    expect(await names("topic")).toBe("");
  });
});
