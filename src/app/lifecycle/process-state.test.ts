import { describe, expect, it } from "vitest";
import { ProcessState } from "./process-state.ts";

describe("ProcessState", () => {
  it("names the part that the start waits for, and becomes ready", () => {
    const state = new ProcessState();
    state.waitFor("the storage accounts");
    expect(state).toMatchObject({ health: "starting", waitingFor: "the storage accounts" });
    state.becomeReady();
    expect(state.health).toBe("ready");
  });

  it("stays failed when the start ends after the failure", () => {
    const state = new ProcessState();
    expect(state.fail()).toBe(true);
    state.becomeReady();
    expect(state.health).toBe("failed");
  });

  it("never leaves the state stopping", () => {
    const state = new ProcessState();
    state.stop();
    expect(state.fail()).toBe(false);
    state.becomeReady();
    expect(state.health).toBe("stopping");
  });
});
