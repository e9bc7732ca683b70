import type { IncomingMessage } from "node:http";

/** A header of a message by its name in lower case; the first of several. */
export function headerOf(message: IncomingMessage, name: string): string | undefined {
  const value = message.headers[name];
  return Array.isArray(value) ? value[0] : value;
}
