import { shownAddress } from "../../stores/nats/link/store-url.ts";
import type { LoadedConfig, Origin } from "./load-config.ts";
import { SETTING_PATHS } from "./setting-paths.ts";

/** The effective value of a setting. */
export interface ShownSetting {
  readonly name: string;
  /** Secrets are replaced by `"(hidden)"`. */
  readonly value: unknown;
  readonly origin: Origin;
  /** The environment variable that sets it. */
  readonly variable: string;
}

const SECRETS: readonly string[] = ["adminKey", "metrics.key", "identity.delivery.clientSecret"];

/** Returns all settings with their values and origins. */
export function showConfig({ config, origins }: LoadedConfig): ShownSetting[] {
  return SETTING_PATHS.map(({ path, variable }) => {
    const name = path.join(".");
    const value = path.reduce<unknown>((tree, part) => (tree as Record<string, unknown> | undefined)?.[part], config);
    return {
      name,
      value: SECRETS.includes(name) && value !== undefined ? "(hidden)" : name === "store" ? shownStore(value) : value,
      origin: origins.get(name) ?? "default",
      variable,
    };
  });
}

/** Hides the password that the URL of a store may contain. */
function shownStore(value: unknown): unknown {
  return typeof value === "string" ? shownAddress(value) : value;
}
