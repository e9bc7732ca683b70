import { expect } from "vitest";
import type { ArmApp } from "../servers/arm-app.ts";

/** A call with the status and code of the expected error, and a part of its message. */
export type ErrorRow = readonly [
  description: string,
  method: string,
  path: string,
  body: unknown,
  status: number,
  code: string,
  message: string,
  headers?: Record<string, string>,
];

/** Sends the calls one after another and compares their responses with the expected errors. */
export async function expectErrors({ call }: ArmApp, rows: readonly ErrorRow[]): Promise<void> {
  for (const [description, method, path, body, status, code, message, headers] of rows) {
    const response = await call(method, path, body, headers);
    expect([response.status, response.body?.error], description).toEqual([
      status,
      { code, message: expect.stringContaining(message) as string, details: [] },
    ]);
  }
}
