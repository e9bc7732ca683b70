/**
 * Layers that each layer may import, by folder under `src/`. The compiler enforces them through the layers'
 * `references`; a test compares those with this table.
 */
export const LAYERS: Readonly<Record<string, readonly string[]>> = {
  core: [],
  ports: ["core"],
  listen: ["core", "ports"],
  files: [],
  codec: ["core"],
  "resource-manager": ["core"],
  engine: ["core", "ports"],
  stores: ["core", "ports", "files", "codec"],
  destinations: ["core", "ports", "files", "codec"],
  sources: ["core", "ports", "listen", "files", "codec"],
  auth: ["core", "ports", "files", "codec"],
  "functions-host": ["core", "ports", "listen", "codec"],
  telemetry: ["core", "ports", "files", "codec"],
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
    "functions-host",
    "telemetry",
    "template-threads",
    "http",
  ],
  testing: ["core", "ports", "codec", "engine", "app"],
  cli: ["core", "ports", "files", "resource-manager", "app"],
};
