import { Argument, Command, Option } from "commander";
import { asText, type JsonObject } from "../../core/json.ts";
import { resourceGroupId } from "../../core/resources/resource-id.ts";
import { ExitError } from "../exit-error.ts";
import { outcomeOf } from "../transfer/import-report.ts";
import { ManagementClient } from "../management-client.ts";
import { createOutput, JSON_OPTIONS, type Output } from "../output.ts";
import { addServerOptions, runningServer, type ServerFlags } from "../running-server.ts";
import { addScopeOptions, scopeOfFlags, type ScopeFlags } from "../scope-options.ts";
import { findOne, listOf, type Kind } from "./find-resource.ts";
import { showList, showOne, type Column } from "./show-resource.ts";

/** Flags of all commands that manage resources. */
export interface ManageFlags extends ServerFlags, ScopeFlags {
  readonly json?: boolean;
}

/** The client and output of a command that manages resources. */
export interface Session {
  readonly client: ManagementClient;
  readonly output: Output;
}

/** A kind of resource that belongs to a resource group, with its flags and columns. */
export interface ManagedKind<Flags extends ManageFlags> extends Kind {
  readonly description: string;
  readonly columns: readonly Column[];
  /** Adds the flags of `create` or `update`. */
  readonly addOptions: (command: Command, verb: "create" | "update") => void;
  /** Returns the request body for the flags; for `update`, only the properties to change. */
  readonly bodyOf: (flags: Flags, verb: "create" | "update") => JsonObject;
  readonly hasKeys: boolean;
}

/** Creates the command of a kind, such as `ringmain topic`, with its subcommands. */
export function resourceCommand<Flags extends ManageFlags>(kind: ManagedKind<Flags>): Command {
  const command = new Command(kind.word).description(kind.description);
  const create = verb(command, "create <name>", `Create a ${kind.word}, or replace an existing one.`);
  create.option("-l, --location <region>", "region; any name is valid (default: local)");
  kind.addOptions(create, "create");
  act(create, async (session, flags: Flags & { location?: string }, name) => {
    const id = `${resourceGroupId(scopeOfFlags(flags))}/providers/${kind.type}/${name}`;
    const before = await session.client.find(id);
    const location = flags.location ?? (asText(before?.["location"]) || "local");
    const after = await session.client.put(id, { location, ...kind.bodyOf(flags, "create") });
    reportWritten(session.output, { word: kind.word, before, after });
  });
  act(verb(command, "list", `List all ${kind.word}s.`), async ({ client, output }, flags: Flags) => {
    showList(output, kind.word, await listOf(client, kind, flags), kind.columns);
  });
  act(verb(command, "show <name>", `Show a ${kind.word}.`), async ({ client, output }, flags: Flags, name) => {
    showOne(output, kind.word, await findOne(client, kind, name, flags));
  });
  const update = verb(
    command,
    "update <name>",
    `Change properties of a ${kind.word}. Other properties stay as they are.`,
  );
  kind.addOptions(update, "update");
  act(update, async ({ client, output }, flags: Flags, name) => {
    const before = await findOne(client, kind, name, flags);
    const after = await client.patch(asText(before["id"]), kind.bodyOf(flags, "update"));
    reportWritten(output, { word: kind.word, before, after });
  });
  act(
    verb(command, "delete <name>", `Delete a ${kind.word}, and its subscriptions.`),
    async (session, flags: Flags, name) => {
      const found = await findOne(session.client, kind, name, flags);
      await session.client.delete(asText(found["id"]));
      reportDeleted(session.output, kind.word, found);
    },
  );
  if (kind.hasKeys) addKeys(command, kind);
  return command;
}

function addKeys(command: Command, kind: Kind): void {
  const keys = verb(command, "keys <name>", `Show the access keys of a ${kind.word}.`);
  keys.addOption(new Option("--regenerate <key>", "generate this key anew first").choices(["key1", "key2"]));
  act(keys, async ({ client, output }, flags: ManageFlags & { regenerate?: string }, name) => {
    const found = await findOne(client, kind, name, flags);
    const id = asText(found["id"]);
    const { regenerate } = flags;
    const { key1, key2 } =
      regenerate === undefined
        ? await client.post(`${id}/listKeys`)
        : await client.post(`${id}/regenerateKey`, { keyName: regenerate });
    output.report("keys", { name, key1, key2 }, `key1  ${asText(key1)}\nkey2  ${asText(key2)}`);
  });
}

/** Adds a subcommand with the flags that all subcommands take. `usage` is its name and its argument, if it has one. */
export function verb(parent: Command, usage: string, description: string): Command {
  const [word = "", argument] = usage.split(" ");
  const command = parent.command(word).description(description);
  if (argument !== undefined) command.addArgument(new Argument(argument, "the name"));
  addScopeOptions(command);
  addServerOptions(command);
  for (const option of JSON_OPTIONS) command.addOption(option);
  return command;
}

/** Sets the action of a subcommand. `run` gets the flags, and the argument as `name`, which is empty if there is none. */
export function act(command: Command, run: (session: Session, flags: never, name: string) => Promise<void>): void {
  command.action(async (...args: readonly unknown[]) => {
    const flags = command.opts<ManageFlags>();
    const name = typeof args[0] === "string" ? args[0] : "";
    if (name.includes("/")) throw new ExitError(2, [`'${name}' is not a valid name: it must not contain a slash.`]);
    await run(
      { client: new ManagementClient(runningServer(flags)), output: createOutput(flags.json) },
      flags as never,
      name,
    );
  });
}

/** A resource that has been written. */
interface WrittenResource {
  /** Name of its kind on the command line. */
  readonly word: string;
  /** Its state before; `undefined` when it is new. */
  readonly before: JsonObject | undefined;
  readonly after: JsonObject;
  /** Additional members of the JSON output. */
  readonly more?: JsonObject;
}

/** Reports whether a resource was created, changed or is unchanged. */
export function reportWritten(output: Output, { word, before, after, more = {} }: WrittenResource): void {
  const outcome = outcomeOf(before, after);
  const endpoint = (after["properties"] as JsonObject | undefined)?.["endpoint"];
  const address = typeof endpoint === "string" ? `\nendpoint  ${endpoint}` : "";
  output.report(word, { outcome, ...after, ...more }, `${word} '${asText(after["name"])}' ${outcome}${address}`);
}

/** Reports that a resource was deleted. */
export function reportDeleted(output: Output, word: string, resource: JsonObject): void {
  const { id = null, name = null } = resource;
  output.report(word, { outcome: "deleted", id, name }, `${word} '${asText(name)}' deleted`);
}
