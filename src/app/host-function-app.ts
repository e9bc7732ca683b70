export type { SystemKeys } from "../functions-host/host/host-keys.ts";
export { startFunctionsHost } from "../functions-host/host/functions-host.ts";
