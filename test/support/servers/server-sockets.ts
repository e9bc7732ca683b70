import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { type Socket } from "node:net";

/** Sockets that servers of this process accept, from the creation of this object until it is closed. */
export interface ServerSockets {
  /** Returns the server's side of a client's connection. Resolves when the server has accepted it. */
  of(client: Socket): Promise<Socket>;
  /** Returns the number of open sockets at a port. */
  openAt(port: number): number;
  close(): void;
}

/** Observes accepted sockets through Node's diagnostics channel. */
export function observeServerSockets(): ServerSockets {
  const accepted = new Set<Socket>();
  const waiting = new Set<() => void>();
  const onSocket = (message: unknown): void => {
    const { socket } = message as { readonly socket: Socket };
    accepted.add(socket);
    socket.once("close", () => accepted.delete(socket));
    for (const check of waiting) check();
  };
  subscribe("net.server.socket", onSocket);
  return {
    of: (client) =>
      new Promise((resolve) => {
        const check = (): void => {
          for (const socket of accepted) {
            if (socket.remotePort !== client.localPort || socket.localPort !== client.remotePort) continue;
            waiting.delete(check);
            resolve(socket);
          }
        };
        waiting.add(check);
        check();
      }),
    openAt: (port) => [...accepted].filter((socket) => socket.localPort === port).length,
    close: () => void unsubscribe("net.server.socket", onSocket),
  };
}
