import type { ServerAddress } from "../../http/server.ts";

const LOCAL_HOSTS = ["127.0.0.1", "[::1]", "0.0.0.0", "[::]"];

/**
 * The address of this server, for URLs that are sent to other systems. Parts that are opened before the server use it.
 */
export class OwnAddress {
  #url: string | undefined;

  /** Sets the address that the server listens on. */
  set({ url }: ServerAddress): void {
    this.#url = url;
  }

  /** Returns the HTTPS origin of the server for programs on this machine. */
  origin(): string {
    const { hostname, port } = new URL(this.#url ?? "http://localhost");
    return `https://${LOCAL_HOSTS.includes(hostname) ? "localhost" : hostname}:${port}`;
  }

  /** Returns the validation URL of a subscription: a GET request to it consents by hand. [EG-HANDSHAKE-URL] */
  validationUrl(subscriptionName: string, code: string): string {
    return `${this.#url ?? ""}/eventsubscriptions/${encodeURIComponent(subscriptionName)}/validate?id=${code}`;
  }
}
