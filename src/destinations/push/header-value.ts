const UNSAFE = /[^\x20-\x7e]+/g;

/**
 * Returns a text as the value of a header. Printable ASCII is kept; all other characters, especially line breaks, are
 * percent-encoded as UTF-8, so that a value cannot end its header or be refused by the HTTP client.
 */
export function headerValue(text: string): string {
  return text.replace(UNSAFE, (run) => Buffer.from(run).toString("hex").toUpperCase().replace(/../g, "%$&"));
}
