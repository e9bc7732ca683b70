/** Error that ends a command with lines on standard error and an exit code: 1 for a failure, 2 for invalid usage. */
export class ExitError extends Error {
  override readonly name = "ExitError";
  readonly lines: readonly string[];
  readonly exitCode: 1 | 2;

  constructor(exitCode: 1 | 2, lines: readonly string[]) {
    super(lines.join("\n"));
    this.exitCode = exitCode;
    this.lines = lines;
  }
}
