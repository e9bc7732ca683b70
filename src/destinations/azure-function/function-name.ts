const RESOURCE_ID = /\/providers\/Microsoft\.Web\/sites\/([^/]+)\/functions\/([^/]+)\/?$/i;

/** A function by the names of its app and its own. */
export interface FunctionName {
  readonly app: string;
  readonly function: string;
}

/** Reads `…/providers/Microsoft.Web/sites/{app}/functions/{function}`; `undefined` for any other id. */
export function functionName(resourceId: string): FunctionName | undefined {
  const [, app, name] = RESOURCE_ID.exec(resourceId) ?? [];
  return app === undefined || name === undefined ? undefined : { app, function: name };
}
