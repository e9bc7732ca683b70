import type { ReadyReport } from "../app/report/ready-report.ts";

/** Returns the text that the terminal shows when Ringmain is ready: addresses and keys to copy, and commands to try. */
export function describeReady(report: ReadyReport, startedInMs: number): string {
  const lines = [
    `Ringmain ${report.version} is ready (${(startedInMs / 1_000).toFixed(2)} s)`,
    "",
    `  address   ${report.http}`,
    `            ${report.https} ('ringmain certs' shows how to trust it)`,
    `  data      ${report.data ?? "in memory; it is lost when this process ends"}`,
    ...section("topics", topicLines(report.topics)),
    ...section("domains", topicLines(report.domains)),
    ...section("partner namespaces", topicLines(report.partnerNamespaces)),
    ...section("storage accounts", storageLines(report)),
    ...section("function apps", functionLines(report)),
    ...section("try", nextSteps(report)),
  ];
  return `${lines.join("\n")}\n`;
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ["", `  ${title}`, ...lines.map((line) => `    ${line}`)];
}

function topicLines(topics: ReadyReport["topics"]): string[] {
  return topics.flatMap(({ name, endpoint, key1 }) => [
    name,
    `  endpoint  ${endpoint}`,
    ...(key1 === undefined ? [] : [`  key       ${key1}`]),
  ]);
}

function storageLines({ storageAccounts }: ReadyReport): string[] {
  return storageAccounts.flatMap(({ name, blobEndpoint, connectionString }) => [
    name,
    `  blobs     ${blobEndpoint}`,
    ...(connectionString === undefined ? [] : [`  connect   ${shortened(blobEndpoint, connectionString)}`]),
  ]);
}

/** Returns the short form that every SDK accepts, if the account has the emulator's default address. */
function shortened(blobEndpoint: string, connectionString: string): string {
  const isDefault = blobEndpoint === "http://127.0.0.1:10000/devstoreaccount1";
  return isDefault ? "UseDevelopmentStorage=true" : connectionString;
}

function functionLines({ functionApps }: ReadyReport): string[] {
  return functionApps.map(
    ({ name, url, functions }) => `${name}  ${url}${functions === undefined ? "" : `  ${functions.join(", ")}`}`,
  );
}

function nextSteps({ http, topics, storageAccounts }: ReadyReport): string[] {
  const [topic] = topics;
  const steps: string[] = [];
  if (topic !== undefined)
    steps.push(`ringmain event publish ${topic.name} --http ${http} --data '{"hello": "world"}'`);
  if (storageAccounts.length > 0)
    steps.push("upload a blob with any Azure client: Ringmain delivers its event at once");
  if (steps.length === 0)
    steps.push("declare topics in ringmain.config.json: Ringmain reads it again whenever it changes");
  return steps;
}
