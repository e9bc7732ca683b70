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

/** A private key and its certificate, both PEM. Each new certificate is a new object. */
export interface TlsMaterial {
  readonly key: string;
  readonly cert: string;
}

/** Source of the server's certificates. Called whenever a client starts TLS. */
export interface TlsSource {
  /** Returns the certificate for clients that name no host, or a host without a certificate of its own. */
  current(): Promise<TlsMaterial>;
  /** Returns the certificate of one host, or `undefined` if it has none of its own. */
  named?(serverName: string): Promise<TlsMaterial | undefined>;
}

/** Dependencies of an {@link Intake}. */
export interface IntakeDependencies {
  readonly connections: Connections;
  readonly tls: TlsSource;
  readonly logger: Logger;
  /** Starts HTTP on a connection. With TLS, `httpSocket` is the socket that decrypts. */
  readonly beginHttp: (socket: Socket, httpSocket: Socket) => void;
}

const ignore = (): void => {};

/** First byte of a TLS record that starts a handshake. No HTTP method begins with it. */
const HANDSHAKE_RECORD = 0x16;
/** Time limit for slow clients. {@link Connections} destroys connections that clients have broken off. */
const HANDSHAKE_MS = 10_000;

/**
 * Accepts connections and detects by the first byte whether a client uses TLS. Both kinds of connections go to the
 * same HTTP server, so that its limits apply to both.
 */
export class Intake {
  readonly #dependencies: IntakeDependencies;
  readonly #contexts = new WeakMap<TlsMaterial, SecureContext>();
  /**
   * Connections with a handshake in progress, by their endpoints: Node does not tell which socket a TLS socket
   * belongs to.
   */
  readonly #handshakes = new Map<string, Socket>();
  #tls: TlsServer | undefined;
  #material: TlsMaterial | undefined;

  constructor(dependencies: IntakeDependencies) {
    this.#dependencies = dependencies;
  }

  /** Accepts one connection, from any port. */
  accept(socket: Socket): void {
    const { connections, beginHttp } = this.#dependencies;
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
      beginHttp(socket, socket);
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

  /** Returns the TLS server with the current certificate. Creates the server for the first client that uses TLS. */
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
      else this.#dependencies.beginHttp(socket, secure);
    });
    server.on("tlsClientError", (error, socket) => {
      this.#dependencies.logger.debug("tls_handshake_failed", { error: error.message });
      socket.destroy();
    });
    return server;
  }

  /** Returns the certificate of one host, or `undefined` if it uses the general one. */
  async #contextOf(serverName: string): Promise<SecureContext | undefined> {
    const material = await this.#dependencies.tls.named?.(serverName);
    if (material === undefined) return undefined;
    const created = this.#contexts.get(material) ?? createSecureContext({ ...material, minVersion: "TLSv1.2" });
    this.#contexts.set(material, created);
    return created;
  }
}

/**
 * Returns both endpoints of a connection as a key. It is the same for the socket and the TLS socket, and unique
 * among open connections.
 */
function endsOf({ remoteAddress, remotePort, localAddress, localPort }: Socket): string {
  return `${remoteAddress}|${remotePort}|${localAddress}|${localPort}`;
}
