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

/** `ringmain certs`: how to trust Ringmain's HTTPS. */
export function certsCommand(): Command {
  const command = new Command("certs").description("Show how to trust Ringmain's HTTPS, or make this machine do so.");
  addConfigOption(command).option("--install", "make the operating system trust Ringmain's certificate authority");
  for (const option of JSON_OPTIONS) command.addOption(option);
  return command.action(certs);
}

async function certs(flags: CertsFlags): Promise<void> {
  const loaded = requireConfiguration(flags);
  const { certificate } = loaded.config.tls;
  if (certificate !== undefined) {
    throw new ExitError(2, [`HTTPS is served with ${certificate} ('tls.certificate'): trust who issued that.`]);
  }
  const { trustAuthority } = await import("../../app/access/trust-authority.ts");
  const report = await trustAuthority(loaded);
  const output = createOutput(flags.json);
  if (flags.install !== true) {
    output.report("certificates", report, describe(report));
    return;
  }
  await installAuthority(report.authority);
  const told = "The operating system trusts Ringmain's authority now. Node, Python and 'az' do not ask it:";
  output.report("installed", report, `${told}\n\n${describe(report)}`);
}

async function installAuthority(authority: string): Promise<void> {
  const plan = installPlan(process.platform, authority, existsSync);
  if (plan === undefined)
    throw new ExitError(1, [`How this system trusts an authority is not known. It is in ${authority}`]);
  const byHand = asShell(plan, authority);
  if (plan.asRoot && process.getuid?.() !== 0) {
    throw new ExitError(1, ["Only the administrator may do this:", ...byHand.map((line) => `  ${line}`)]);
  }
  try {
    await install(plan, authority);
  } catch (thrown) {
    throw new ExitError(1, [thrown instanceof Error ? thrown.message : String(thrown), "By hand:", ...byHand]);
  }
}

function describe({ authority, bundle, validTo }: TrustReport): string {
  const plan = installPlan(process.platform, authority, existsSync);
  const system = plan === undefined ? [] : ["", "The operating system ('ringmain certs --install'), and what asks it:"];
  return [
    `Ringmain's certificate authority, good until ${validTo.slice(0, 10)}:`,
    `  ${authority}`,
    "",
    "Node (before it starts; adds to what it trusts):",
    `  ${setVariable("NODE_EXTRA_CA_CERTS", authority)}`,
    "Python and az (replaces what they trust, so the file holds that as well):",
    `  ${setVariable("REQUESTS_CA_BUNDLE", bundle)}`,
    "Go, Ruby and whatever uses OpenSSL (the same):",
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
