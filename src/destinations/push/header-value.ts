const UNSAFE = /[^\x20-\x7e]+/g;

/**
 * A text as a header's value: printable ASCII stays, all else (line breaks above all) is percent-encoded as UTF-8, so
 * that no value can end its header or be refused by the client.
 */
export function headerValue(text: string): string {
  return text.replace(UNSAFE, (run) => Buffer.from(run).toString("hex").toUpperCase().replace(/../g, "%$&"));
}
