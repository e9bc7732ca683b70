/**
 * Which layer may import which, by folder under `src/`: the arrows of the house. The compiler holds them through each
 * layer's `references`; a test compares those with this table.
 */
export const LAYERS: Readonly<Record<string, readonly string[]>> = {
  core: [],
  ports: ["core"],
  listen: ["core", "ports"],
  codec: ["core"],
  "resource-manager": ["core"],
  engine: ["core", "ports"],
  stores: ["core", "ports", "codec"],
  destinations: ["core", "ports", "codec"],
  sources: ["core", "ports", "listen", "codec"],
  auth: ["core", "ports", "codec"],
  "functions-host": ["core", "ports", "listen"],
  telemetry: ["core", "ports", "codec"],
  "template-threads": ["core", "resource-manager"],
  http: ["core", "ports", "listen", "codec", "resource-manager", "engine", "auth"],
  app: [
    "core",
    "ports",
    "listen",
    "codec",
    "engine",
    "stores",
    "destinations",
    "sources",
    "auth",
    "telemetry",
    "template-threads",
    "http",
  ],
  testing: ["core", "ports", "codec", "engine", "app"],
  cli: ["core", "ports", "codec", "resource-manager", "app", "functions-host"],
};
