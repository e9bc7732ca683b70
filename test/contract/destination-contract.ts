import { afterEach, describe, expect, it } from "vitest";
import type { Destinations } from "../../src/destinations/index.ts";
import type { Destination } from "../../src/ports/destination.ts";
import { delivery, NEVER, NOW } from "./destination-fixtures.ts";
import { answers, breaksOff, hangsUp, neverFinishes, Peer, resets, staysSilent } from "./destination-peer.ts";

/** A destination under test, and the factory that owns its connections. */
export interface Opened {
  readonly destination: Destination;
  readonly destinations: Destinations;
}

/** Opens a destination that sends requests to `origin` and waits `timeoutMs` for a response. */
export type OpenAt = (origin: string, timeoutMs: number) => Opened;

/** Timeout for tests that are not about time. The test runner's own limit is shorter. */
const PLENTY_MS = 30_000;
const SHORT_MS = 60;

/** Tests the contract of every destination. `open` opens one that works, `openBroken` one that cannot work. */
export function destinationContract(name: string, open: () => Opened, openBroken: () => Opened): void {
  describe(`destination: ${name}`, () => {
    it("accepts a batch", async () => {
      const { destination, destinations } = open();
      const outcome = await destination.deliver([delivery(), delivery()], NOW, NEVER);
      expect(outcome.kind).toBe("accepted");
      await destinations.close();
    });

    it("returns a failed outcome, and does not throw, if it cannot work", async () => {
      const { destination, destinations } = openBroken();
      const outcome = await destination.deliver([delivery()], NOW, NEVER);
      expect(outcome).toMatchObject({ kind: "failed", detail: expect.stringMatching(/^\S.+\.$/) });
      await destinations.close();
    });

    it("sends nothing once the signal is aborted", async () => {
      const { destination, destinations } = open();
      const outcome = await destination.deliver([delivery()], NOW, AbortSignal.abort());
      expect(outcome).toMatchObject({ kind: "failed", outcome: "Aborted" });
      await destinations.close();
    });

    it("may be closed twice, and so may the factory", async () => {
      const { destination, destinations } = open();
      await destination.deliver([delivery()], NOW, NEVER);
      await destination.close();
      await destination.close();
      await destinations.close();
      await destinations.close();
    });
  });
}

/** Tests the further contract of destinations over HTTP. `success` is the status with which the peer accepts. */
export function httpDestinationContract(name: string, openAt: OpenAt, success: number): void {
  describe(`destination over HTTP: ${name}`, () => {
    let peer: Peer | undefined;
    let opened: Opened | undefined;
    afterEach(async () => {
      await opened?.destinations.close();
      await peer?.stop();
      peer = undefined;
    });
    const attempt = async (signal: AbortSignal = NEVER) => opened?.destination.deliver([delivery()], NOW, signal);

    it("fails with SocketError if no server listens [EG-OUTCOME-NETWORK]", async () => {
      opened = openAt(await Peer.closedPort(), PLENTY_MS);
      expect(await attempt()).toMatchObject({
        outcome: "SocketError",
        detail: expect.stringContaining("ECONNREFUSED"),
      });
    });

    it("fails every one of many attempts if no server listens", async () => {
      opened = openAt(await Peer.closedPort(), PLENTY_MS);
      const outcomes = await Promise.all(Array.from({ length: 40 }, () => attempt()));
      expect(outcomes.filter((outcome) => outcome?.kind === "failed")).toHaveLength(40);
    });

    it.each([
      ["is silent [EG-DELIVERY-TIMEOUT]", staysSilent, "TimedOut"],
      ["does not finish its answer [EG-DELIVERY-TIMEOUT]", neverFinishes(success), "TimedOut"],
      ["resets the connection [EG-OUTCOME-NETWORK]", resets, "SocketError"],
      ["closes its half of the connection [EG-OUTCOME-NETWORK]", hangsUp, "SocketError"],
      ["resets the connection within its answer [EG-OUTCOME-NETWORK]", breaksOff(success), "SocketError"],
    ])("fails if the peer %s", async (_name, behaviour, outcome) => {
      peer = await Peer.start(behaviour);
      opened = openAt(peer.origin, outcome === "TimedOut" ? SHORT_MS : PLENTY_MS);
      expect(await attempt()).toMatchObject({ kind: "failed", outcome });
      expect(peer.requests).toHaveLength(1);
    });

    it("works again on the same connections after failures of every kind", async () => {
      peer = await Peer.start(resets);
      opened = openAt(peer.origin, PLENTY_MS);
      for (const behaviour of [resets, hangsUp, breaksOff(success), answers(500)]) {
        peer.behaviour = behaviour;
        expect(await attempt()).toMatchObject({ kind: "failed" });
      }
      peer.behaviour = answers(success);
      expect(await attempt()).toMatchObject({ kind: "accepted", httpStatus: success });
    });

    it.each([
      [400, "BadRequest"],
      [401, "Unauthorized"],
      [403, "Forbidden"],
      [404, "NotFound"],
      [408, "TimedOut"],
      [413, "PayloadTooLarge"],
      [429, "Busy"],
      [500, "GenericError"],
      [503, "Busy"],
    ])("reports the status %i as %s [EG-OUTCOME-NAMES]", async (httpStatus, outcome) => {
      peer = await Peer.start(answers(httpStatus));
      opened = openAt(peer.origin, PLENTY_MS);
      expect(await attempt()).toMatchObject({ kind: "failed", outcome, httpStatus });
    });

    it("settles by the status if the response's body never ends", async () => {
      peer = await Peer.start((response) => {
        response.writeHead(success);
        const pour = (): void => {
          while (!response.destroyed && response.write(Buffer.alloc(65_536)));
        };
        response.on("drain", pour);
        pour();
      });
      opened = openAt(peer.origin, PLENTY_MS);
      expect(await attempt()).toMatchObject({ kind: "accepted", httpStatus: success });
    });

    it("stops an attempt when its signal is aborted, and no other", async () => {
      peer = await Peer.start(staysSilent);
      opened = openAt(peer.origin, PLENTY_MS);
      const stop = new AbortController();
      const arrived = peer.nextRequest();
      const aborted = attempt(stop.signal);
      await arrived;
      peer.behaviour = answers(success);
      const other = attempt();
      stop.abort();
      expect(await aborted).toMatchObject({ kind: "failed", outcome: "Aborted" });
      expect(await other).toMatchObject({ kind: "accepted" });
    });

    it("aborts attempts in progress and attempts that wait for a connection when the factory closes", async () => {
      peer = await Peer.start(staysSilent);
      opened = openAt(peer.origin, PLENTY_MS);
      const arrived = peer.nextRequest();
      const attempts = Array.from({ length: 12 }, () => attempt());
      await arrived;
      await opened.destinations.close();
      const outcomes = await Promise.all(attempts);
      expect(new Set(outcomes.map((outcome) => outcome?.kind === "failed" && outcome.outcome))).toEqual(
        new Set(["Aborted"]),
      );
    });
  });
}
