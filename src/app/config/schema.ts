import { z } from "zod";
import { resourcesShape } from "./resources-schema.ts";
import { settingsShape } from "./settings-schema.ts";

/** Schema of `ringmain.config.json`. The JSON Schema and `docs/config.md` are generated from it. */
export const configSchema = z.strictObject({
  $schema: z.string().optional().describe("For editors."),
  ...settingsShape,
  ...resourcesShape,
});

/** Content of a configuration file. */
export type ConfigFile = z.input<typeof configSchema>;

/** A configuration with all defaults. */
export type Config = z.infer<typeof configSchema>;
