import type { Config } from "./schema.ts";

const REFERENCE = /^\$\{([A-Za-z_][A-Za-z0-9_]*)\}$/;

/** The parts of a configuration that may hold references. */
type Referring = Pick<Config, "connections" | "clients" | "functionApps">;

/** The same parts with the values of the environment variables, or the problems of their references, one line each. */
export type ResolvedReferences =
  | ({ readonly kind: "resolved" } & Referring)
  | { readonly kind: "problems"; readonly problems: readonly string[] };

/**
 * Replaces references of the form `${NAME}` with the value of that environment variable. Connection strings, client
 * secrets, and keys and settings of function apps can be references.
 */
export function resolveReferences(
  { connections, clients, functionApps }: Referring,
  environment: Readonly<Record<string, string | undefined>>,
): ResolvedReferences {
  const problems: string[] = [];
  const resolve = (text: string, where: string): string => {
    const variable = REFERENCE.exec(text)?.[1];
    if (variable === undefined) return text;
    const value = environment[variable] ?? "";
    if (value === "") problems.push(`${where}: the environment variable ${variable} is not set`);
    return value;
  };
  const resolved = {
    connections: connections.map((connection, index) => ({
      ...connection,
      connectionString: resolve(connection.connectionString, `connections[${index}].connectionString`),
    })),
    clients: clients.map((client, index) => ({
      ...client,
      clientSecret: resolve(client.clientSecret, `clients[${index}].clientSecret`),
    })),
    functionApps: functionApps.map((app, index) => ({
      ...app,
      ...(app.code !== undefined && { code: resolve(app.code, `functionApps[${index}].code`) }),
      ...(app.settings !== undefined && {
        settings: Object.fromEntries(
          Object.entries(app.settings).map(([name, value]) => [
            name,
            resolve(value, `functionApps[${index}].settings.${name}`),
          ]),
        ),
      }),
    })),
  };
  return problems.length > 0 ? { kind: "problems", problems } : { kind: "resolved", ...resolved };
}
