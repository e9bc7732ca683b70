import { isJsonObject, type JsonObject } from "../../core/json.ts";

/** Requests a URL that returns a JSON object. Rejects with an error whose message has no secrets. */
export type FetchJson = (url: string, form?: URLSearchParams) => Promise<{ status: number; body: JsonObject }>;

const TIMEOUT_MS = 10_000;
/** Maximum size of a response. An authority's keys and tokens are a few kilobytes. */
const MAX_BYTES = 262_144;
/** Maximum number of informational (1xx) responses before the final one. Authorities send none. */
const MAX_INFORMATIONAL = 16;

/**
 * Sends a GET request, or a POST request with a form, to an authority. Limits the time, the size of the response and the
 * number of informational responses; does not follow redirects.
 */
export const fetchJson: FetchJson = (url, form) => fetchJsonWithin(url, form, TIMEOUT_MS);

/** Does the same as {@link fetchJson} with another timeout. */
export const fetchJsonWithin = async (
  url: string,
  form: URLSearchParams | undefined,
  timeoutMs: number,
): ReturnType<FetchJson> => {
  // Loaded on first use, for a short start: few installations have an authority.
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
    if (bytes > MAX_BYTES) throw new Error(`the response is longer than ${MAX_BYTES} bytes`);
    chunks.push(chunk);
  }
  const parsed = parse(Buffer.concat(chunks).toString());
  if (!isJsonObject(parsed)) throw new Error(`the response (${statusCode}) is not a JSON object`);
  return { status: statusCode, body: parsed };
};

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The caller reports this like any other text that is not a JSON object.
    return undefined;
  }
}
