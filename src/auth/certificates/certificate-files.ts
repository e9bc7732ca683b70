import { X509Certificate, createPrivateKey } from "node:crypto";
import { readFile } from "node:fs/promises";
import { RingmainError, toError } from "../../core/errors.ts";
import { MINUTE_MS, type EpochMs } from "../../core/time.ts";
import type { KeyAndCertificate } from "./issue-certificate.ts";

export interface CertificateFilesOptions {
  /** PEM file: the certificate, then any intermediate certificates. */
  readonly certificateFile: string;
  /** PEM file with the private key, without passphrase. */
  readonly keyFile: string;
  readonly now: () => EpochMs;
  /** Called when the files can no longer be used. The previous certificate stays in use. */
  readonly onProblem: (error: Error) => void;
}

/** Longest time until a renewed certificate is noticed. */
const REREAD_MS = MINUTE_MS;

/** A certificate and its private key in files that the user maintains and renews. */
export class CertificateFiles {
  readonly #options: CertificateFilesOptions;
  #latest: KeyAndCertificate | undefined;
  #readAt: EpochMs = -Infinity;

  constructor(options: CertificateFilesOptions) {
    this.#options = options;
  }

  /**
   * Returns the certificate and key. Reads the files again each minute. Rejects with `invalid_request` if the files
   * have never been usable.
   */
  async current(): Promise<KeyAndCertificate> {
    const now = this.#options.now();
    if (this.#latest !== undefined && now - this.#readAt < REREAD_MS) return this.#latest;
    this.#readAt = now;
    try {
      const read = await this.#read();
      if (read.key !== this.#latest?.key || read.cert !== this.#latest.cert) this.#latest = read;
    } catch (thrown) {
      if (this.#latest === undefined) throw thrown;
      this.#options.onProblem(toError(thrown));
    }
    return this.#latest;
  }

  async #read(): Promise<KeyAndCertificate> {
    const { certificateFile, keyFile } = this.#options;
    try {
      const [cert, key] = await Promise.all([readFile(certificateFile, "utf8"), readFile(keyFile, "utf8")]);
      if (!new X509Certificate(cert).checkPrivateKey(createPrivateKey(key))) {
        throw new Error("the key does not belong to the certificate");
      }
      return { key, cert };
    } catch (thrown) {
      const message = `Cannot use the certificate ${certificateFile} ('tls.certificate') with the key ${keyFile} ('tls.key'): ${toError(thrown).message}`;
      throw new RingmainError("invalid_request", message, { cause: thrown });
    }
  }
}
