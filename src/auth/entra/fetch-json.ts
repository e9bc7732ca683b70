import { isJsonObject, type JsonObject } from "../../core/json.ts";

/** Gets a JSON object, or rejects with what went wrong, without secrets. */
export type FetchJson = (url: string, form?: URLSearchParams) => Promise<{ status: number; body: JsonObject }>;

const TIMEOUT_MS = 10_000;
/** An authority's keys and answers are a few kilobytes. */
const MAX_BYTES = 262_144;
/** Informational responses in front of the final one; authorities send none. */
const MAX_INFORMATIONAL = 16;

/**
 * Asks an authority: GET, or POST of a form. Time, size and the number of informational responses are bounded; redirects
 * are not followed.
 */
export const fetchJson: FetchJson = (url, form) => fetchJsonWithin(url, form, TIMEOUT_MS);

/** As {@link fetchJson}, within another time. */
export const fetchJsonWithin = async (
  url: string,
  form: URLSearchParams | undefined,
  timeoutMs: number,
): ReturnType<FetchJson> => {
  // Loaded when it is needed: few have an authority to ask, and everybody wants a short start.
  const { request } = await import("undici");
  const tooMany = new AbortController();
  let informational = 0;
  const { statusCode, body } = await request(url, {
    method: form === undefined ? "GET" : "POST",
    headers: {
      accept: "application/json",
      ...(form === undefined ? {} : { "content-type": "application/x-www-form-urlencoded" }),
    },
    body: form?.toString() ?? null,
    signal: AbortSignal.any([AbortSignal.timeout(timeoutMs), tooMany.signal]),
    onInfo: () => {
      informational += 1;
      if (informational <= MAX_INFORMATIONAL) return;
      tooMany.abort(new Error(`more than ${MAX_INFORMATIONAL} informational responses came before the answer`));
    },
  });
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    bytes += chunk.byteLength;
    if (bytes > MAX_BYTES) throw new Error(`the answer is longer than ${MAX_BYTES} bytes`);
    chunks.push(chunk);
  }
  const parsed = parse(Buffer.concat(chunks).toString());
  if (!isJsonObject(parsed)) throw new Error(`the answer (${statusCode}) is not a JSON object`);
  return { status: statusCode, body: parsed };
};

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Told like everything else that is no object.
    return undefined;
  }
}
