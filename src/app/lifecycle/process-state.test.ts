import { describe, expect, it } from "vitest";
import { ProcessState } from "./process-state.ts";

describe("ProcessState", () => {
  it("starts, naming the part that it waits for, and becomes ready", () => {
    const state = new ProcessState();
    state.waitFor("the storage accounts");
    expect(state).toMatchObject({ health: "starting", waitingFor: "the storage accounts" });
    state.becomeReady();
    expect(state.health).toBe("ready");
  });

  it("stays failed when the start ends afterwards", () => {
    const state = new ProcessState();
    expect(state.fail()).toBe(true);
    state.becomeReady();
    expect(state.health).toBe("failed");
  });

  it("stays stopping, whatever happens afterwards", () => {
    const state = new ProcessState();
    state.stop();
    expect(state.fail()).toBe(false);
    state.becomeReady();
    expect(state.health).toBe("stopping");
  });
});
