/** Azure's code for an error in a template or its deployment. */
export type TemplateErrorCode = "InvalidTemplate" | "InvalidRequestContent";

/** Error for a template that cannot be deployed. `message` is Resource Manager's text, or written in its style. */
export class TemplateError extends Error {
  override readonly name = "TemplateError";
  readonly code: TemplateErrorCode;

  constructor(code: TemplateErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}

/** Returns the error for a template that breaks the language's rules. Source: [ARM-TEMPLATE-INVALID] */
export function invalidTemplate(problem: string): TemplateError {
  return new TemplateError("InvalidTemplate", `Deployment template validation failed: '${problem}'.`);
}

/** Returns the error for an expression that cannot be evaluated. Source: [ARM-TEMPLATE-INVALID] */
export function invalidExpression(problem: string): TemplateError {
  return new TemplateError(
    "InvalidTemplate",
    `Unable to process template language expressions: '${problem}'. Please see https://aka.ms/arm-template-expressions for usage details.`,
  );
}
