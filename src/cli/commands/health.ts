import { request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import { Command } from "commander";
import { toError } from "../../core/errors.ts";
import { ExitError } from "../exit-error.ts";
import { createOutput, JSON_OPTIONS } from "../output.ts";
import { addAddressOptions, runningServer, type ServerFlags } from "../running-server.ts";

interface HealthFlags extends ServerFlags {
  readonly json?: boolean;
}

/** Time limit for the response. */
const TIMEOUT_MS = 5_000;
/** Maximum length of the response that is read; longer than any response of `/readyz`. */
const MAX_BYTES = 16_384;

/** Creates the command `ringmain health`, which checks whether Ringmain is ready. It suits containers without curl. */
export function healthCommand(): Command {
  const command = new Command("health").description(
    "Check whether a running Ringmain is ready. Exits with 0 if it is, otherwise with 1.",
  );
  addAddressOptions(command);
  for (const option of JSON_OPTIONS) command.addOption(option);
  return command.action(health).addHelpText(
    "after",
    `
Use it for the health check of a container: 'HEALTHCHECK CMD ["ringmain", "health"]'. The command requests GET /readyz,
with a time limit of 5 seconds. It does not check the certificate of https:// loopback addresses, because it sends no
secrets.`,
  );
}

interface HealthResponse {
  readonly status: number;
  readonly text: string;
}

async function health(flags: HealthFlags): Promise<void> {
  const url = serverUrl(flags);
  const { status, text } = await fetchHealth(url);
  const { status: state, reason } = readState(text);
  if (status !== 200 || state !== "ready") {
    throw new ExitError(1, [`${url.origin} is not ready: ${reason ?? state ?? `the response has status ${status}`}`]);
  }
  createOutput(flags.json).report("health", { status: state, http: url.origin }, `${url.origin} is ready.`);
}

/** Returns the URL to request. Health checks have only two exit codes, so an invalid configuration ends with 1 too. */
function serverUrl(flags: HealthFlags): URL {
  try {
    const { url } = runningServer(flags);
    if (!/^https?:/.test(url) || !URL.canParse(url)) {
      throw new ExitError(1, [`--http: '${url}' is not a URL that begins with http:// or https://.`]);
    }
    const readyz = new URL("/readyz", url);
    if (readyz.port === "0")
      throw new ExitError(1, ["The configuration has port 0, so the port is unknown. Set the address with --http."]);
    return readyz;
  } catch (thrown) {
    throw thrown instanceof ExitError ? new ExitError(1, thrown.lines) : thrown;
  }
}

async function fetchHealth(url: URL): Promise<HealthResponse> {
  try {
    return await get(url);
  } catch (thrown) {
    throw new ExitError(1, [`No response from ${url.origin}: ${toError(thrown).message}.`]);
  }
}

function get(url: URL): Promise<HealthResponse> {
  const loopback = ["localhost", "127.0.0.1", "[::1]"].includes(url.hostname);
  return new Promise((resolve, reject) => {
    const received = (response: IncomingMessage): void => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk: string) => {
        text = (text + chunk).slice(0, MAX_BYTES);
      });
      response.on("end", () => resolve({ status: response.statusCode ?? 0, text })).on("error", reject);
    };
    const options = { agent: false, signal: AbortSignal.timeout(TIMEOUT_MS) };
    const request =
      url.protocol === "https:"
        ? httpsRequest(url, { ...options, rejectUnauthorized: !loopback }, received)
        : httpRequest(url, options, received);
    request.on("error", (error) => {
      const late = error.name === "AbortError";
      reject(late ? new Error(`timeout after ${TIMEOUT_MS / 1_000} s`) : error);
    });
    request.end();
  });
}

function readState(text: string): { readonly status?: string; readonly reason?: string } {
  try {
    return JSON.parse(text) as { status?: string; reason?: string };
  } catch {
    return {};
  }
}
