/** Refusals of a token request, each with the number that Entra uses for it. Source: [EG-ISSUER-ERROR] */
const REFUSALS = {
  missing_parameter: { status: 400, error: "invalid_request", number: 900144 },
  unsupported_grant: { status: 400, error: "unsupported_grant_type", number: 70003 },
  invalid_scope: { status: 400, error: "invalid_scope", number: 1002012 },
  unknown_client: { status: 400, error: "unauthorized_client", number: 700016 },
  missing_secret: { status: 401, error: "invalid_client", number: 7000216 },
  wrong_secret: { status: 401, error: "invalid_client", number: 7000215 },
} as const;

/** The error for a refused token request, with the fields of an OAuth 2 error response. */
export class TokenError extends Error {
  override readonly name = "TokenError";
  readonly status: 400 | 401;
  /** OAuth's error code. */
  readonly error: string;
  /** Entra's error number. */
  readonly number: number;

  constructor(refusal: keyof typeof REFUSALS, message: string) {
    super(message);
    const { status, error, number } = REFUSALS[refusal];
    this.status = status;
    this.error = error;
    this.number = number;
  }
}
