import type { Socket } from "node:net";
import {
  createSecureContext,
  createServer as createTlsServer,
  type SecureContext,
  type Server as TlsServer,
} from "node:tls";
import { callbackify } from "node:util";
import { toError } from "../core/errors.ts";
import type { Logger } from "../ports/logger.ts";
import type { Connections } from "./connections.ts";

/** A private key and its certificate, both PEM; another object for another certificate. */
export interface TlsMaterial {
  readonly key: string;
  readonly cert: string;
}

/** Source of the server's certificates, asked whenever a client begins TLS. */
export interface TlsSource {
  /** Returns the certificate for clients that name no host, or a host that has none of its own. */
  current(): Promise<TlsMaterial>;
  /** Returns the certificate of one host; `undefined` when it has none of its own. */
  named?(serverName: string): Promise<TlsMaterial | undefined>;
}

/** Dependencies of an {@link Intake}. */
export interface IntakeDependencies {
  readonly connections: Connections;
  readonly tls: TlsSource;
  readonly logger: Logger;
  /** Begins HTTP on a connection, over TLS on the socket that decrypts it. */
  readonly hand: (socket: Socket, spoken: Socket) => void;
}

const ignore = (): void => {};

/** The first byte of a TLS record that begins a handshake; no method of HTTP begins with it. */
const HANDSHAKE_RECORD = 0x16;
/** For a client that is slow; one that has broken off is ended by {@link Connections}. */
const HANDSHAKE_MS = 10_000;

/**
 * Takes connections in, and decides by the first byte of each whether it speaks TLS. Both kinds end in the same HTTP
 * server, so that all of its limits hold for both.
 */
export class Intake {
  readonly #dependencies: IntakeDependencies;
  readonly #contexts = new WeakMap<TlsMaterial, SecureContext>();
  /** Connections in the middle of their handshake, by both their ends: Node does not say which one a TLS socket is on. */
  readonly #handshakes = new Map<string, Socket>();
  #tls: TlsServer | undefined;
  #material: TlsMaterial | undefined;

  constructor(dependencies: IntakeDependencies) {
    this.#dependencies = dependencies;
  }

  /** Takes one connection, from whatever port. */
  accept(socket: Socket): void {
    const { connections, hand } = this.#dependencies;
    if (!connections.open(socket)) return;
    const fail = (): void => void socket.destroy();
    socket.on("error", fail).once("end", fail);
    socket.once("data", (first: Buffer) => {
      socket.pause();
      socket.off("error", fail).off("end", fail);
      socket.unshift(first);
      if (first[0] === HANDSHAKE_RECORD) {
        void this.#secure(socket);
        return;
      }
      hand(socket, socket);
      socket.resume();
    });
  }

  async #secure(socket: Socket): Promise<void> {
    socket.on("error", ignore);
    try {
      const server = await this.#server();
      socket.off("error", ignore);
      if (socket.destroyed) return;
      const ends = endsOf(socket);
      this.#handshakes.set(ends, socket);
      socket.once("close", () => this.#handshakes.get(ends) === socket && this.#handshakes.delete(ends));
      server.emit("connection", socket);
    } catch (thrown) {
      this.#dependencies.logger.error("tls_unavailable", { error: toError(thrown).message });
      socket.destroy();
    }
  }

  /** The TLS side, made for the first client that asks for it, with the certificate of the moment. */
  async #server(): Promise<TlsServer> {
    const material = await this.#dependencies.tls.current();
    const server = (this.#tls ??= this.#createServer());
    if (material !== this.#material) {
      server.setSecureContext({ ...material, minVersion: "TLSv1.2" });
      this.#material = material;
    }
    return server;
  }

  #createServer(): TlsServer {
    const server = createTlsServer({
      handshakeTimeout: HANDSHAKE_MS,
      ALPNProtocols: ["http/1.1"],
      SNICallback: callbackify((name: string) => this.#contextOf(name)),
    });
    server.on("secureConnection", (secure) => {
      const ends = endsOf(secure);
      const socket = this.#handshakes.get(ends);
      this.#handshakes.delete(ends);
      if (socket === undefined) secure.destroy();
      else this.#dependencies.hand(socket, secure);
    });
    server.on("tlsClientError", (error, socket) => {
      this.#dependencies.logger.debug("tls_handshake_failed", { error: error.message });
      socket.destroy();
    });
    return server;
  }

  /** Returns the certificate of one host; `undefined` where it is served with everybody's. */
  async #contextOf(serverName: string): Promise<SecureContext | undefined> {
    const material = await this.#dependencies.tls.named?.(serverName);
    if (material === undefined) return undefined;
    const created = this.#contexts.get(material) ?? createSecureContext({ ...material, minVersion: "TLSv1.2" });
    this.#contexts.set(material, created);
    return created;
  }
}

/** Both ends of a connection: the same for its socket and for the one that decrypts it, and no other's while it is open. */
function endsOf({ remoteAddress, remotePort, localAddress, localPort }: Socket): string {
  return `${remoteAddress}|${remotePort}|${localAddress}|${localPort}`;
}
