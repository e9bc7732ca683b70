import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const root = new URL("../../", import.meta.url).pathname;

/** Rooms that know subscribers and destinations, and none of the resources that declare them. */
const ROOMS = ["src/destinations", "src/engine/dispatch", "src/ports", "src/telemetry"];
/** Modules of `core/resources` that hold no shape of a resource. */
const FREE: ReadonlySet<string> = new Set(["resource-id.ts"]);
/** The port whose business resources are. */
const EXCEPT: ReadonlySet<string> = new Set(["src/ports/resource-store.ts"]);

function sourcesIn(room: string): string[] {
  return readdirSync(join(root, room), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts"))
    .map((file) => `${room}/${file}`)
    .filter((file) => !EXCEPT.has(file));
}

function resourceImports(file: string): string[] {
  const imports = readFileSync(join(root, file), "utf8").matchAll(/from "[^"]*core\/resources\/([^"]+)"/g);
  return Array.from(imports, ([, module = ""]) => module).filter((module) => !FREE.has(module));
}

describe("the shapes of resources", () => {
  it.each(ROOMS)("are not imported by %s", (room) => {
    const files = sourcesIn(room);
    expect(files.length).toBeGreaterThan(1);
    expect(files.flatMap((file) => resourceImports(file).map((module) => `${file}: ${module}`))).toEqual([]);
  });

  it("are found where they are imported", () => {
    expect(resourceImports("src/ports/resource-store.ts")).toEqual(["resources.ts"]);
  });
});
