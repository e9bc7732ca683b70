import type { ConnectionConfig } from "./resources-schema.ts";

const REFERENCE = /^\$\{([A-Za-z_][A-Za-z0-9_]*)\}$/;

/** Connections with references to environment variables replaced, or what is wrong with them, one line each. */
export type ResolvedConnections =
  | { readonly kind: "resolved"; readonly connections: ConnectionConfig[] }
  | { readonly kind: "problems"; readonly problems: readonly string[] };

/** Replaces a connection string of the form `${NAME}` by that variable's value. */
export function resolveConnections(
  connections: readonly ConnectionConfig[],
  environment: Readonly<Record<string, string | undefined>>,
): ResolvedConnections {
  const problems: string[] = [];
  const resolved = connections.map((connection, index) => {
    const variable = REFERENCE.exec(connection.connectionString)?.[1];
    if (variable === undefined) return connection;
    const connectionString = environment[variable] ?? "";
    if (connectionString === "") {
      problems.push(`connections[${index}].connectionString: the environment variable ${variable} is not set`);
    }
    return { ...connection, connectionString };
  });
  return problems.length > 0 ? { kind: "problems", problems } : { kind: "resolved", connections: resolved };
}
