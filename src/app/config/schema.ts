import { z } from "zod";
import { resourcesShape } from "./resources-schema.ts";
import { settingsShape } from "./settings-schema.ts";

/** The whole of `ringmain.config.json`. Its JSON Schema and `docs/config.md` are generated from this. */
export const configSchema = z.strictObject({
  $schema: z.string().optional().describe("For editors."),
  ...settingsShape,
  ...resourcesShape,
});

/** What a configuration file may hold. */
export type ConfigFile = z.input<typeof configSchema>;

/** A configuration with every default filled in. */
export type Config = z.infer<typeof configSchema>;
