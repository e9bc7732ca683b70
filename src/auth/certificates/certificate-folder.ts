import { X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import { join } from "node:path";
import { RingmainError, toError } from "../../core/errors.ts";
import { HOUR_MS, type EpochMs } from "../../core/time.ts";
import { readIfThere, readOrMake, writeWhole } from "../kept-file.ts";
import type { NewKey } from "../rsa-key.ts";
import type { KeyAndCertificate } from "./issue-certificate.ts";

/** Time before its expiry at which a certificate is replaced. */
const RENEW_MS = 30 * 24 * HOUR_MS;
/** Maximum number of remembered host names outside the server certificate's list. */
const MAX_NAMED = 64;

const AUTHORITY_FILE = "authority.pem";
const SERVER_FILE = "server.pem";
const PUBLIC_FILE = "ca.pem";

export interface CertificateFolderOptions {
  readonly folder: string;
  /** Host names and IP addresses that the server certificate is for. */
  readonly names: readonly string[];
  readonly now: () => EpochMs;
  readonly newKey: NewKey;
}

/**
 * A folder with Ringmain's own certificate authority and the server certificate that it signed. Both are created on
 * first use and kept, so that clients need to trust the authority only once. Several processes may share the folder.
 *
 * Files: `authority.pem` and `server.pem`, each with key and certificate, readable by the owner only; `ca.pem`, the
 * authority's certificate, readable by all.
 */
export class CertificateFolder {
  readonly #options: CertificateFolderOptions;
  readonly #named = new Map<string, Promise<KeyAndCertificate | undefined>>();
  #server: Promise<KeyAndCertificate> | undefined;
  #renewAt = 0;

  constructor(options: CertificateFolderOptions) {
    this.#options = options;
  }

  /** Path of the authority's certificate. The file exists once the authority has been created. */
  get authorityFile(): string {
    return join(this.#options.folder, PUBLIC_FILE);
  }

  /** Returns the authority. Rejects with `invalid_request` if the folder cannot be read or written. */
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

  /**
   * Returns the server certificate. Renews it before it expires and when the names have changed. Rejects as
   * `authority` does.
   */
  async current(): Promise<KeyAndCertificate> {
    if (this.#server === undefined || this.#options.now() >= this.#renewAt) {
      this.#named.clear();
      this.#renewAt = Infinity;
      this.#server = this.#explain(() => this.#loadServer());
      // Tries again on the next call: the user may have repaired the folder.
      this.#server.catch(() => (this.#server = undefined));
    }
    return this.#server;
  }

  /**
   * Returns a certificate for a name under `.localhost` that the server certificate does not cover, such as a
   * topic's host name in another region. Returns `undefined` for all other names: clients must not be able to
   * obtain certificates of this authority for other people's names.
   */
  async named(serverName: string): Promise<KeyAndCertificate | undefined> {
    const name = serverName.toLowerCase();
    if (!/^(?:[a-z0-9-]{1,63}\.){1,6}localhost$/.test(name)) return undefined;
    const known = this.#named.get(name);
    if (known !== undefined) return known;
    if (this.#named.size >= MAX_NAMED) this.#named.clear();
    const issued = this.#issueNamed(name);
    this.#named.set(name, issued);
    issued.catch(() => this.#named.delete(name));
    return issued;
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
      const message = `Cannot keep certificates in ${folder} ('tls.folder'): ${because}`;
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
    throw new RingmainError(
      "invalid_request",
      `${file} does not contain a private key and a certificate. Delete the file to create a new one.`,
    );
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
