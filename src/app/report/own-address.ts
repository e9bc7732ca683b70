import type { ServerAddress } from "../../http/server.ts";

const LOCAL_HOSTS = ["127.0.0.1", "[::1]", "0.0.0.0", "[::]"];

/** The address of this server, for texts that are sent to others. Parts that are opened before the server refer to it. */
export class OwnAddress {
  #url: string | undefined;

  /** Notes where the server listens. */
  set({ url }: ServerAddress): void {
    this.#url = url;
  }

  /** Returns the origin by which programs of this machine reach the server over HTTPS. */
  origin(): string {
    const { hostname, port } = new URL(this.#url ?? "http://localhost");
    return `https://${LOCAL_HOSTS.includes(hostname) ? "localhost" : hostname}:${port}`;
  }

  /** Returns the URL on which a GET consents to a subscription by hand. [EG-HANDSHAKE-URL] */
  validationUrl(subscriptionName: string, code: string): string {
    return `${this.#url ?? ""}/eventsubscriptions/${encodeURIComponent(subscriptionName)}/validate?id=${code}`;
  }
}
