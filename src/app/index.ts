export { configSchema, type Config, type ConfigFile } from "./config/schema.ts";
export type { FunctionAppReport, ReadyReport, StorageAccountReport, TopicReport } from "./report/ready-report.ts";
export { startRingmain, type Ringmain, type RingmainOptions } from "./start-ringmain.ts";
