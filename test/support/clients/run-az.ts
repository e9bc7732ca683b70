import { execFile } from "node:child_process";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { DEFAULT_SUBSCRIPTION_ID } from "../../../src/core/resources/resource-id.ts";
import { Receiver } from "../servers/receiver.ts";
import { cli, removeFolders, runRingmain, temporaryFolder, type RunningRingmain } from "../servers/run-ringmain.ts";

/** The subscription that az is logged in to. */
export const SUBSCRIPTION: string = `/subscriptions/${DEFAULT_SUBSCRIPTION_ID}`;

/** Result of a program that has exited. */
export interface ProcessResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

type Environment = Readonly<Record<string, string>>;

/** A running Ringmain, and the installed az, set up for it by `ringmain az setup`. */
export class AzBench {
  ringmain: RunningRingmain;
  readonly receiver: Receiver;
  /** Environment of all programs. It has a proxy that records and refuses requests to other machines. */
  readonly environment: Environment;
  /** Variables that `ringmain az setup` prints. */
  variables: Environment = {};
  readonly #config: unknown;
  readonly #data: string;
  readonly #outside: Outside;

  private constructor(parts: {
    ringmain: RunningRingmain;
    receiver: Receiver;
    environment: Environment;
    config: unknown;
    data: string;
    outside: Outside;
  }) {
    this.ringmain = parts.ringmain;
    this.receiver = parts.receiver;
    this.environment = parts.environment;
    this.#config = parts.config;
    this.#data = parts.data;
    this.#outside = parts.outside;
  }

  static async start(config: unknown = { topics: [] }): Promise<AzBench> {
    const folder = await temporaryFolder();
    const outside = await Outside.open();
    const environment = { RINGMAIN_TLS_FOLDER: join(folder, "tls"), ...outside.environment };
    const data = join(folder, "data");
    const ringmain = await runRingmain({ config, data, env: environment });
    const receiver = await Receiver.start();
    const bench = new AzBench({ ringmain, receiver, environment, config, data, outside });
    await bench.setup();
    return bench;
  }

  /** Address of Resource Manager. */
  get https(): string {
    return this.ringmain.ready.https.replace("127.0.0.1", "localhost");
  }

  /** Runs `ringmain az …` with the address and configuration of this Ringmain. */
  async ringmainAz(...args: readonly string[]): Promise<ProcessResult> {
    const address = ["--http", this.ringmain.ready.http, "--config", this.ringmain.configFile];
    return execute(process.execPath, [cli, "az", ...address, ...args], this.environment);
  }

  async setup(): Promise<void> {
    const { stdout } = await this.ringmainAz("setup", "--json");
    ({ variables: this.variables } = JSON.parse(stdout) as { variables: Environment });
  }

  /** Restarts Ringmain on the same port and data. */
  async restart(): Promise<void> {
    const { port } = new URL(this.ringmain.ready.http);
    await this.ringmain.stop();
    const args = ["--port", port];
    this.ringmain = await runRingmain({ config: this.#config, data: this.#data, env: this.environment, args });
  }

  /**
   * Runs az with a command line, in which quotes keep words together. `{hook}` stands for the receiver's address,
   * `{http}` for Ringmain's.
   */
  async az(line: string, variables: Environment = this.variables): Promise<ProcessResult> {
    const words = line.match(/(?:[^\s'"]|'[^']*'|"[^"]*")+/g) ?? [];
    const addresses = [
      ["{hook}", this.receiver.url],
      ["{http}", this.ringmain.ready.http],
    ] as const;
    const args = words.map((word) => {
      const bare = word.replace(/^(['"])(.*)\1$/s, "$2");
      return addresses.reduce((text, [name, address]) => text.replaceAll(name, address), bare);
    });
    return execute("az", args, { ...this.environment, ...variables });
  }

  /** Runs az and parses its output as JSON. Resolves with `undefined` if it prints nothing; rejects if it fails. */
  async json(line: string, variables?: Environment): Promise<unknown> {
    const { code, stdout, stderr } = await this.az(line, variables);
    if (code !== 0) throw new Error(`az ${line}: ${code}\n${stderr}`);
    return stdout.trim() === "" ? undefined : JSON.parse(stdout);
  }

  /** Log lines about members of bodies that had no effect. */
  get ignoredMembers(): readonly string[] {
    return this.ringmain.lines.filter((line) => line.includes('"event":"members_'));
  }

  /** Stops everything. Resolves with the requests to other machines. */
  async stop(): Promise<readonly string[]> {
    await this.ringmain.stop();
    await this.receiver.stop();
    await this.#outside.close();
    await removeFolders();
    return this.#outside.requests;
  }
}

/** A proxy that stands for all other machines: it records requests and refuses them. */
class Outside {
  readonly requests: string[] = [];
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => {
      this.requests.push(`${request.method} ${request.url}`);
      response.writeHead(502).end();
    }).on("connect", ({ method, url }, socket) => {
      this.requests.push(`${method} ${url}`);
      socket.end("HTTP/1.1 502 Bad Gateway\r\n\r\n");
    });
  }

  static async open(): Promise<Outside> {
    const outside = new Outside();
    outside.#server.listen(0, "127.0.0.1");
    await once(outside.#server, "listening");
    return outside;
  }

  get environment(): Environment {
    const url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
    const local = "localhost,127.0.0.1";
    return { HTTP_PROXY: url, HTTPS_PROXY: url, http_proxy: url, https_proxy: url, NO_PROXY: local, no_proxy: local };
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }
}

/** Runs a program until it exits. */
export function execute(program: string, args: readonly string[], environment: Environment): Promise<ProcessResult> {
  const env = { ...process.env, ...environment };
  return new Promise((resolve, reject) => {
    const child = execFile(program, args, { env, maxBuffer: 2 ** 24 }, (error, stdout, stderr) => {
      if (child.exitCode === null) reject(error ?? new Error(`${program} did not end by itself`));
      else resolve({ code: child.exitCode, stdout, stderr });
    });
    child.stdin?.end();
  });
}
