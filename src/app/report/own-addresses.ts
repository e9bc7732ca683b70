import type { ServerAddress } from "../../http/server.ts";

/** Returns how programs of this machine reach a server over HTTPS. */
export function ownOrigin(address: ServerAddress | undefined): string {
  const { hostname, port } = new URL(address?.url ?? "http://localhost");
  const here = ["127.0.0.1", "[::1]", "0.0.0.0", "[::]"].includes(hostname);
  return `https://${here ? "localhost" : hostname}:${port}`;
}

/** Returns the URL on which a GET consents to a subscription by hand. [EG-HANDSHAKE-URL] */
export function validationUrl(address: ServerAddress | undefined, subscriptionName: string, code: string): string {
  return `${address?.url ?? ""}/eventsubscriptions/${encodeURIComponent(subscriptionName)}/validate?id=${code}`;
}
