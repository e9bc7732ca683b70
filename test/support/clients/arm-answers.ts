import { expect } from "vitest";
import type { ArmApp } from "../servers/arm-app.ts";

/** A call, the status and code of its answer, and what the message names. */
export type ErrorRow = readonly [
  what: string,
  method: string,
  path: string,
  body: unknown,
  status: number,
  code: string,
  named: string,
  headers?: Record<string, string>,
];

/** Makes each call in turn, and compares its answer with what the row says. */
export async function expectErrors({ call }: ArmApp, rows: readonly ErrorRow[]): Promise<void> {
  for (const [what, method, path, body, status, code, named, headers] of rows) {
    const answer = await call(method, path, body, headers);
    expect([answer.status, answer.body?.error], what).toEqual([
      status,
      { code, message: expect.stringContaining(named) as string, details: [] },
    ]);
  }
}
