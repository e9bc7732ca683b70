export { configSchema, type Config, type ConfigFile } from "./config/schema.ts";
export type { FunctionAppReport, ReadyReport, StorageAccountReport, TopicReport } from "./report/ready-report.ts";
export type { RingmainOptions } from "./lifecycle/start-context.ts";
export { startRingmain, type Ringmain } from "./start-ringmain.ts";
