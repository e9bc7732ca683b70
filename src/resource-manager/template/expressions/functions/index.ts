import { COLLECTION_FUNCTIONS } from "./collection-functions.ts";
import type { TemplateFunction } from "./function.ts";
import { LAMBDA_FUNCTIONS } from "./lambda-functions.ts";
import { LOGIC_FUNCTIONS } from "./logic-functions.ts";
import { SCOPE_FUNCTIONS } from "./scope-functions.ts";
import { TEXT_FUNCTIONS } from "./text-functions.ts";

/** Every built-in function of the template language, by name in lower case. */
export const FUNCTIONS: ReadonlyMap<string, TemplateFunction> = new Map(
  [TEXT_FUNCTIONS, COLLECTION_FUNCTIONS, LOGIC_FUNCTIONS, LAMBDA_FUNCTIONS, SCOPE_FUNCTIONS].flatMap((table) =>
    Object.entries(table),
  ),
);
