/**
 * Runs `npm start`: starts Ringmain with Azurite and this function app on the usual ports, and prints what to try.
 * Exits with Ringmain's exit code.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";

const example = new URL("../", import.meta.url).pathname;
const cli = new URL("../../../bundle/cli/main.js", import.meta.url).pathname;
const TRY = `
  Try, in another terminal:

    npm run example:upload                        uploads the example's picture to the container 'images'
    npm run example:upload -- ~/holiday.jpg …     uploads your own

  The function makes a thumbnail of each; it says so here, and puts it into the container 'thumbnails'.
  Any Azure storage client does as well: UseDevelopmentStorage=true. Ctrl-C ends everything.
`;

const args = [
  "start",
  "--config",
  `${example}ringmain.config.json`,
  "--azurite",
  "--no-json",
  ...process.argv.slice(2),
];
const child = spawn(process.execPath, [cli, ...args], { stdio: ["ignore", "pipe", "inherit"] });
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => child.kill("SIGTERM"));
let ready = false;
child.stdout.on("data", (chunk: Buffer) => {
  process.stdout.write(chunk);
  if (ready || !chunk.includes("is ready")) return;
  ready = true;
  console.log(TRY);
});
const [code] = (await once(child, "exit")) as [number | null];
process.exitCode = code ?? 1;
