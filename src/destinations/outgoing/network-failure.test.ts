import { describe, expect, it } from "vitest";
import { delivery, destinations, NEVER, NOW, webhookTo } from "../../../test/contract/destination-fixtures.ts";
import { networkFailure } from "./network-failure.ts";

const coded = (code: string, message = `it was ${code}`): Error => Object.assign(new Error(message), { code });

describe("networkFailure", () => {
  it.each([
    ["ECONNREFUSED", "SocketError"],
    ["ECONNRESET", "SocketError"],
    ["DEPTH_ZERO_SELF_SIGNED_CERT", "SocketError"],
    ["HPE_INVALID_CONSTANT", "SocketError"],
    ["ETIMEDOUT", "TimedOut"],
    ["UND_ERR_CONNECT_TIMEOUT", "TimedOut"],
    ["ENOTFOUND", "ResolutionError"],
    ["EAI_AGAIN", "ResolutionError"],
    ["UND_ERR_DESTROYED", "Aborted"],
  ])("maps %s to %s [EG-OUTCOME-NETWORK]", (code, outcome) => {
    expect(networkFailure(coded(code))).toEqual({ outcome, cause: `it was ${code}` });
  });

  it("returns the first of several failures of one connection", () => {
    const error = new AggregateError([coded("ECONNREFUSED", "connect ECONNREFUSED ::1:9"), coded("EPIPE")]);
    expect(networkFailure(error)).toEqual({ outcome: "SocketError", cause: "connect ECONNREFUSED ::1:9" });
  });

  it.each<[string, Error, string]>([
    [
      "a refused connection",
      Object.assign(coded("ECONNREFUSED", "connect ECONNREFUSED 10.0.0.5:443"), {
        syscall: "connect",
        address: "10.0.0.5",
      }),
      "connect ECONNREFUSED",
    ],
    [
      "a connection that takes too long",
      coded("UND_ERR_CONNECT_TIMEOUT", "Connect Timeout Error (attempted addresses: 10.0.0.5:443, timeout: 1000ms)"),
      "no connection in time",
    ],
    [
      "a name that does not exist",
      Object.assign(coded("ENOTFOUND", "getaddrinfo ENOTFOUND shop.example"), { syscall: "getaddrinfo" }),
      "getaddrinfo ENOTFOUND shop.example",
    ],
  ])("[EG-ADDRESS-REFUSED] can omit the address: %s", (_description, error, cause) => {
    expect(networkFailure(error, true)).toMatchObject({ cause });
    expect(networkFailure(error).cause).toBe(error.message);
  });

  it("returns a cause for an error without a message", () => {
    expect(networkFailure(new AggregateError([])).cause).toBe("AggregateError");
  });

  it("returns ResolutionError for a name that cannot exist [EG-OUTCOME-NETWORK]", async () => {
    const factory = destinations();
    const destination = factory.open(webhookTo("http://nowhere.invalid/hook?code=secret"));
    const outcome = await destination.deliver([delivery()], NOW, NEVER);
    await factory.close();
    expect(outcome).toMatchObject({ kind: "failed", outcome: "ResolutionError" });
    expect(JSON.stringify(outcome)).not.toContain("secret");
  });
});
