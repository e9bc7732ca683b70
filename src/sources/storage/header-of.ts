import type { IncomingMessage } from "node:http";

/** Returns the first value of a message's header by its lower-case name. */
export function headerOf(message: IncomingMessage, name: string): string | undefined {
  const value = message.headers[name];
  return Array.isArray(value) ? value[0] : value;
}
