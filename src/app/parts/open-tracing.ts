import { SECOND_MS } from "../../core/time.ts";
import type { ExportingTracer } from "../../telemetry/tracing/open-telemetry-tracer.ts";
import { isMissingModule } from "../system/is-missing-module.ts";
import type { StartContext } from "../lifecycle/start-context.ts";
import { VERSION } from "../system/version.ts";

const PACKAGES =
  "@opentelemetry/api@1.9 @opentelemetry/sdk-trace@2 @opentelemetry/resources@2 @opentelemetry/exporter-trace-otlp-http@0.223";

/** Maximum time that a collector that does not respond delays a stop. */
const LAST_TRACES_MS: number = 2 * SECOND_MS;

/**
 * Opens the tracer if OpenTelemetry's own environment variables set a collector. Otherwise returns `undefined`, and does
 * not load OpenTelemetry. If its packages are not installed, logs a warning and returns `undefined`: the variables are
 * often set for a whole machine, so they must not prevent the start.
 */
export async function openTracing({ parts, logger }: StartContext): Promise<ExportingTracer | undefined> {
  if (!isWanted(process.env)) return undefined;
  try {
    const { openTracer } = await import("../../telemetry/tracing/open-telemetry-tracer.ts");
    const tracer = openTracer({ version: VERSION, logger });
    parts.push("tracing", (deadline) => tracer.close(AbortSignal.any([deadline, AbortSignal.timeout(LAST_TRACES_MS)])));
    return tracer;
  } catch (thrown) {
    if (!isMissingModule(thrown)) throw thrown;
    logger.warn("tracing_off", { reason: "packages are not installed", install: `npm install ${PACKAGES}` });
    return undefined;
  }
}

function isWanted(environment: NodeJS.ProcessEnv): boolean {
  if (environment["OTEL_SDK_DISABLED"]?.toLowerCase() === "true") return false;
  if (environment["OTEL_TRACES_EXPORTER"]?.toLowerCase() === "none") return false;
  return [environment["OTEL_EXPORTER_OTLP_ENDPOINT"], environment["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"]].some(
    (endpoint) => endpoint !== undefined && endpoint !== "",
  );
}
