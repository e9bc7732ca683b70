import type { Server } from "node:http";
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

/** A private key and its certificate, both PEM; another object for another certificate. */
export interface TlsMaterial {
  readonly key: string;
  readonly cert: string;
}

/** Where certificates come from, asked whenever a client begins TLS. */
export interface TlsSource {
  /** The certificate for whoever names no host, or one that has none of its own. */
  current(): Promise<TlsMaterial>;
  /** The certificate of one host; `undefined` when it has none of its own. */
  named?(serverName: string): Promise<TlsMaterial | undefined>;
}

export interface IntakeOptions {
  /** Serves the connections; those over TLS as well, once they are decrypted. */
  readonly http: Server;
  readonly tls: TlsSource;
  readonly logger: Logger;
  /** Connections at one time, in all; further ones are closed at once. */
  readonly connections: number;
  /** The first byte must have arrived within this many milliseconds. */
  readonly firstByteMs: number;
}

/** For a connection that is looked after again in a moment: an error is followed by its end. */
const ignore = (): void => {};

/** The first byte of a TLS record that begins a handshake; no method of HTTP begins with it. */
const HANDSHAKE_RECORD = 0x16;
const HANDSHAKE_MS = 10_000;

/**
 * Takes connections in, and decides by the first byte of each whether it speaks TLS. Both kinds end in the same HTTP
 * server, so that all of its limits hold for both.
 */
export class Intake {
  readonly #options: IntakeOptions;
  /** The HTTP server's own way to begin on a connection. */
  readonly #serve: (socket: Socket) => void;
  /** Everything open, at whatever stage. */
  readonly #open = new Set<Socket>();
  /** Connections that have not sent anything. */
  readonly #silent = new Set<Socket>();
  readonly #contexts = new WeakMap<TlsMaterial, SecureContext>();
  #tls: TlsServer | undefined;
  #material: TlsMaterial | undefined;
  #closing = false;

  /** Puts itself between the HTTP server's port and the HTTP server. */
  constructor(options: IntakeOptions) {
    this.#options = options;
    const { http } = options;
    const [serve] = http.listeners("connection");
    this.#serve = (socket) => serve?.call(http, socket);
    http.removeAllListeners("connection");
    http.on("connection", (socket) => this.accept(socket));
  }

  /** Takes one connection, from whatever port. */
  accept(socket: Socket): void {
    if (this.#closing || this.#open.size >= this.#options.connections) {
      socket.destroy();
      return;
    }
    this.#open.add(socket);
    this.#silent.add(socket);
    const fail = (): void => void socket.destroy();
    socket.setTimeout(this.#options.firstByteMs, fail);
    socket.on("error", fail).once("end", fail);
    socket.once("close", () => {
      this.#open.delete(socket);
      this.#silent.delete(socket);
    });
    socket.once("data", (first: Buffer) => {
      this.#silent.delete(socket);
      socket.pause();
      socket.setTimeout(0, fail);
      socket.off("error", fail).off("end", fail);
      socket.unshift(first);
      if (first[0] === HANDSHAKE_RECORD) void this.#secure(socket);
      else this.#hand(socket);
    });
  }

  /** Takes nothing more in, and lets go of who has not said anything. */
  close(): void {
    this.#closing = true;
    for (const socket of this.#silent) socket.destroy();
  }

  /** Breaks everything off. */
  breakOff(): void {
    for (const socket of this.#open) socket.destroy();
  }

  #hand(socket: Socket): void {
    if (this.#closing) {
      socket.destroy();
      return;
    }
    this.#serve(socket);
    socket.resume();
  }

  async #secure(socket: Socket): Promise<void> {
    socket.on("error", ignore);
    try {
      const server = await this.#server();
      socket.off("error", ignore);
      if (!socket.destroyed) server.emit("connection", socket);
    } catch (thrown) {
      this.#options.logger.error("tls_unavailable", { error: toError(thrown).message });
      socket.destroy();
    }
  }

  /** The TLS side, made for the first client that asks for it, with the certificate of the moment. */
  async #server(): Promise<TlsServer> {
    const material = await this.#options.tls.current();
    const server = (this.#tls ??= this.#createServer());
    if (material !== this.#material) {
      server.setSecureContext({ ...material, minVersion: "TLSv1.2" });
      this.#material = material;
    }
    return server;
  }

  #createServer(): TlsServer {
    const server = createTlsServer({
      handshakeTimeout: Math.min(HANDSHAKE_MS, this.#options.firstByteMs),
      ALPNProtocols: ["http/1.1"],
      SNICallback: callbackify((name: string) => this.#contextOf(name)),
    });
    server.on("secureConnection", (socket) => this.#hand(socket));
    server.on("tlsClientError", (error, socket) => {
      this.#options.logger.debug("tls_handshake_failed", { error: error.message });
      socket.destroy();
    });
    return server;
  }

  /** What one host is served with; `undefined` for what everybody is. */
  async #contextOf(serverName: string): Promise<SecureContext | undefined> {
    const material = await this.#options.tls.named?.(serverName);
    if (material === undefined) return undefined;
    const made = this.#contexts.get(material) ?? createSecureContext({ ...material, minVersion: "TLSv1.2" });
    this.#contexts.set(material, made);
    return made;
  }
}
