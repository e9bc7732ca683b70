import { X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import { join } from "node:path";
import { RingmainError, toError } from "../../core/errors.ts";
import { HOUR_MS, type EpochMs } from "../../core/time.ts";
import { readIfThere, readOrMake, writeWhole } from "../kept-file.ts";
import type { NewKey } from "../rsa-key.ts";
import type { KeyAndCertificate } from "./issue-certificate.ts";

/** A certificate is replaced so long before its end. */
const RENEW_MS = 30 * 24 * HOUR_MS;
/** Host names that clients may ask for and that no certificate lists, remembered at one time. */
const MAX_NAMED = 64;

const AUTHORITY_FILE = "authority.pem";
const SERVER_FILE = "server.pem";
const PUBLIC_FILE = "ca.pem";

export interface CertificateFolderOptions {
  readonly folder: string;
  /** What the server certificate is for: host names and IP addresses. */
  readonly names: readonly string[];
  readonly now: () => EpochMs;
  readonly newKey: NewKey;
}

/**
 * An authority of Ringmain's own and the server certificate it signed, in a folder: made when first asked for, kept
 * from then on, so that who trusts the authority once need not do so again. Several processes may share the folder.
 * Files: `authority.pem` and `server.pem`, key and certificate, for the owner only; `ca.pem`, the authority's
 * certificate, for everybody.
 */
export class CertificateFolder {
  readonly #options: CertificateFolderOptions;
  readonly #named = new Map<string, Promise<KeyAndCertificate | undefined>>();
  #server: Promise<KeyAndCertificate> | undefined;
  #renewAt = 0;

  constructor(options: CertificateFolderOptions) {
    this.#options = options;
  }

  /** Where the authority's certificate stands, once it is made. */
  get authorityFile(): string {
    return join(this.#options.folder, PUBLIC_FILE);
  }

  /** The authority. Errors: `invalid_request` when the folder cannot be read or written. */
  async authority(): Promise<KeyAndCertificate> {
    const { folder, newKey, now } = this.#options;
    const file = join(folder, AUTHORITY_FILE);
    return this.#explain(async () => {
      const text = await readOrMake(file, async () => {
        const { createAuthority } = await import("./issue-certificate.ts");
        return joined(createAuthority(await newKey(), now()));
      });
      const authority = split(text, file);
      if ((await readIfThere(this.authorityFile)) !== authority.cert) {
        await writeWhole(this.authorityFile, authority.cert, 0o644);
      }
      return authority;
    });
  }

  /** The server certificate, renewed in time and whenever the names have changed. Errors: as `authority`. */
  async current(): Promise<KeyAndCertificate> {
    if (this.#server === undefined || this.#options.now() >= this.#renewAt) {
      this.#named.clear();
      this.#renewAt = Infinity;
      this.#server = this.#explain(() => this.#loadServer());
      // A folder that could not be written may be mended.
      this.#server.catch(() => (this.#server = undefined));
    }
    return this.#server;
  }

  /**
   * A certificate for a name under `.localhost` that the server's own does not cover: topics of any region have such.
   * `undefined` for all other names: nobody must be able to ask this authority for somebody else's name.
   */
  async named(serverName: string): Promise<KeyAndCertificate | undefined> {
    const name = serverName.toLowerCase();
    if (!/^(?:[a-z0-9-]{1,63}\.){1,6}localhost$/.test(name)) return undefined;
    const known = this.#named.get(name);
    if (known !== undefined) return known;
    if (this.#named.size >= MAX_NAMED) this.#named.clear();
    const made = this.#issueNamed(name);
    this.#named.set(name, made);
    made.catch(() => this.#named.delete(name));
    return made;
  }

  async #issueNamed(name: string): Promise<KeyAndCertificate | undefined> {
    const server = await this.current();
    if (new X509Certificate(server.cert).checkHost(name) !== undefined) return undefined;
    const { issueServerCertificate } = await import("./issue-certificate.ts");
    return issueServerCertificate(await this.authority(), server.key, [name], this.#options.now());
  }

  async #loadServer(): Promise<KeyAndCertificate> {
    const { folder, names, newKey, now } = this.#options;
    const file = join(folder, SERVER_FILE);
    const authority = await this.authority();
    const text = await readIfThere(file);
    if (text !== undefined) {
      const server = split(text, file);
      const renewAt = renewalOf(server.cert);
      if (renewAt > now() && isFrom(server.cert, authority.cert) && covers(server.cert, names)) {
        this.#renewAt = renewAt;
        return server;
      }
    }
    const { issueServerCertificate } = await import("./issue-certificate.ts");
    const server = issueServerCertificate(authority, await newKey(), names, now());
    await writeWhole(file, joined(server), 0o600);
    this.#renewAt = renewalOf(server.cert);
    return server;
  }

  async #explain<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (thrown) {
      const { folder } = this.#options;
      const because = toError(thrown).message;
      const message = `Certificates cannot be kept in ${folder} ('tls.folder'): ${because}`;
      throw thrown instanceof RingmainError ? thrown : new RingmainError("invalid_request", message, { cause: thrown });
    }
  }
}

function joined({ key, cert }: KeyAndCertificate): string {
  return `${key.trim()}\n${cert.trim()}\n`;
}

function split(text: string, file: string): KeyAndCertificate {
  const key = /-----BEGIN (?:RSA |EC )?PRIVATE KEY-----[\s\S]+?-----END (?:RSA |EC )?PRIVATE KEY-----\n?/.exec(
    text,
  )?.[0];
  const cert = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----\n?/.exec(text)?.[0];
  if (key === undefined || cert === undefined) {
    throw new RingmainError("invalid_request", `${file} does not hold a private key and a certificate.`);
  }
  return { key, cert };
}

function renewalOf(cert: string): EpochMs {
  return Date.parse(new X509Certificate(cert).validTo) - RENEW_MS;
}

function isFrom(cert: string, authority: string): boolean {
  return new X509Certificate(cert).checkIssued(new X509Certificate(authority));
}

function covers(cert: string, names: readonly string[]): boolean {
  const certificate = new X509Certificate(cert);
  const listed = new Set((certificate.subjectAltName ?? "").split(", "));
  return names.every((name) =>
    isIP(name) === 0 ? listed.has(`DNS:${name}`) : certificate.checkIP(name) !== undefined,
  );
}
