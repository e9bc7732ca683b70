import { existsSync } from "node:fs";
import { Command } from "commander";
import type { TrustReport } from "../../app/access/trust-authority.ts";
import { addConfigOption, requireConfiguration, type ConfigurationFlags } from "../configuration.ts";
import { ExitError } from "../exit-error.ts";
import { asShell, install, installPlan } from "../install-authority.ts";
import { createOutput, JSON_OPTIONS } from "../output.ts";

interface CertsFlags extends ConfigurationFlags {
  readonly json?: boolean;
  readonly install?: boolean;
}

/** Creates the command `ringmain certs`, which shows how to trust Ringmain's HTTPS. */
export function certsCommand(): Command {
  const command = new Command("certs").description(
    "Show how to trust Ringmain's HTTPS certificate, or make this machine trust it.",
  );
  addConfigOption(command).option("--install", "make the operating system trust Ringmain's certificate authority");
  for (const option of JSON_OPTIONS) command.addOption(option);
  return command.action(certs);
}

async function certs(flags: CertsFlags): Promise<void> {
  const loaded = requireConfiguration(flags);
  const { certificate } = loaded.config.tls;
  if (certificate !== undefined) {
    throw new ExitError(2, [
      `Ringmain uses the certificate ${certificate} ('tls.certificate'). Make clients trust the issuer of that certificate.`,
    ]);
  }
  const { trustAuthority } = await import("../../app/access/trust-authority.ts");
  const report = await trustAuthority(loaded);
  const output = createOutput(flags.json);
  if (flags.install !== true) {
    output.report("certificates", report, describe(report));
    return;
  }
  await installAuthority(report.authority);
  const summary =
    "The operating system now trusts Ringmain's certificate authority. Node, Python and 'az' need their own settings:";
  output.report("installed", report, `${summary}\n\n${describe(report)}`);
}

async function installAuthority(authority: string): Promise<void> {
  const plan = installPlan(process.platform, authority, existsSync);
  if (plan === undefined)
    throw new ExitError(1, [
      `--install does not support this operating system. Install the certificate authority by hand: ${authority}`,
    ]);
  const byHand = asShell(plan, authority);
  if (plan.asRoot && process.getuid?.() !== 0) {
    throw new ExitError(1, [
      "--install needs administrator rights. Run these commands:",
      ...byHand.map((line) => `  ${line}`),
    ]);
  }
  try {
    await install(plan, authority);
  } catch (thrown) {
    throw new ExitError(1, [
      thrown instanceof Error ? thrown.message : String(thrown),
      "To install it by hand, run:",
      ...byHand,
    ]);
  }
}

function describe({ authority, bundle, validTo }: TrustReport): string {
  const plan = installPlan(process.platform, authority, existsSync);
  const system =
    plan === undefined
      ? []
      : ["", "The operating system, and clients that use its authorities ('ringmain certs --install' does this):"];
  return [
    `Ringmain's certificate authority, valid until ${validTo.slice(0, 10)}:`,
    `  ${authority}`,
    "",
    "Node (set it before Node starts; adds to the trusted authorities):",
    `  ${setVariable("NODE_EXTRA_CA_CERTS", authority)}`,
    "Python and az (replaces the trusted authorities, so the file contains those too):",
    `  ${setVariable("REQUESTS_CA_BUNDLE", bundle)}`,
    "Go, Ruby and other programs that use OpenSSL (replaces the trusted authorities too):",
    `  ${setVariable("SSL_CERT_FILE", bundle)}`,
    "curl:",
    `  curl --cacert '${authority}' https://localhost:6500/`,
    ...system,
    ...(plan === undefined ? [] : asShell(plan, authority).map((line) => `  ${line}`)),
  ].join("\n");
}

function setVariable(name: string, value: string): string {
  return process.platform === "win32" ? `$env:${name} = '${value}'` : `export ${name}='${value}'`;
}
