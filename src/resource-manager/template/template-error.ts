/** Azure's name for what is wrong with a template or with its deployment. */
export type TemplateErrorCode = "InvalidTemplate" | "InvalidRequestContent";

/** A template that cannot be deployed: `message` is Resource Manager's, or written in its manner. */
export class TemplateError extends Error {
  override readonly name = "TemplateError";
  readonly code: TemplateErrorCode;

  constructor(code: TemplateErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}

/** The error of a template that breaks the language's rules. Source: [ARM-TEMPLATE-INVALID] */
export function invalidTemplate(problem: string): TemplateError {
  return new TemplateError("InvalidTemplate", `Deployment template validation failed: '${problem}'.`);
}

/** The error of an expression that cannot be evaluated. Source: [ARM-TEMPLATE-INVALID] */
export function invalidExpression(problem: string): TemplateError {
  return new TemplateError(
    "InvalidTemplate",
    `Unable to process template language expressions: '${problem}'. Please see https://aka.ms/arm-template-expressions for usage details.`,
  );
}
