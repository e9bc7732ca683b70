export { startTestRingmain, type TestRingmain, type TestRingmainOptions } from "./start-test-ringmain.ts";
export { fastForward, ManualClock } from "./manual-clock.ts";
