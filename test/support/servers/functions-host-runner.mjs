/** Hosts the function app that its argument describes, as the command line does, and prints JSON lines. */
import { startFunctionsHost } from "../../../dist/functions-host/host/functions-host.js";

const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);
const loggerWith = (more) => ({
  debug: (event, fields) => say({ level: "debug", event, ...more, ...fields }),
  info: (event, fields) => say({ level: "info", event, ...more, ...fields }),
  warn: (event, fields) => say({ level: "warn", event, ...more, ...fields }),
  error: (event, fields) => say({ level: "error", event, ...more, ...fields }),
  child: (fields) => loggerWith({ ...more, ...fields }),
});

try {
  const options = JSON.parse(process.argv[2]);
  const host = await startFunctionsHost({ host: "127.0.0.1", port: 0, logger: loggerWith({}), ...options });
  process.on("SIGTERM", () => {
    Promise.all([host.stop(), host.stop()]).then(
      () => process.exit(0),
      () => process.exit(2),
    );
  });
  say({ event: "ready", url: host.url, functions: host.functions });
} catch (thrown) {
  say({ event: "failed", code: thrown.code, message: thrown.message });
  process.exit(1);
}
