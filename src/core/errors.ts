/**
 * All failures that callers may get, with the HTTP status, Azure's name for the status, and Azure's more detailed
 * code. Only `http/error-response` converts a code into a response. `docs/errors.md` lists the same set.
 * Source: [EG-ERROR-BODY]
 */
export const ERRORS = {
  input_json_invalid: { status: 400, azureCode: "BadRequest", detailCode: "InputJsonInvalid" },
  invalid_cloud_event_header: { status: 400, azureCode: "BadRequest", detailCode: "InvalidCloudEventHeader" },
  invalid_sas: { status: 400, azureCode: "BadRequest", detailCode: "InvalidSas" },
  invalid_api_version: { status: 400, azureCode: "BadRequest", detailCode: "InvalidApiVersion" },
  invalid_request: { status: 400, azureCode: "InvalidRequest", detailCode: "InvalidRequest" },
  // Resource Manager's own errors, which occur only in responses of its form. [ARM-ERROR]
  missing_api_version: {
    status: 400,
    azureCode: "MissingApiVersionParameter",
    detailCode: "MissingApiVersionParameter",
  },
  invalid_api_version_parameter: {
    status: 400,
    azureCode: "InvalidApiVersionParameter",
    detailCode: "InvalidApiVersionParameter",
  },
  no_registered_provider: {
    status: 400,
    azureCode: "NoRegisteredProviderFound",
    detailCode: "NoRegisteredProviderFound",
  },
  invalid_resource_type: { status: 404, azureCode: "InvalidResourceType", detailCode: "InvalidResourceType" },
  invalid_resource_namespace: {
    status: 404,
    azureCode: "InvalidResourceNamespace",
    detailCode: "InvalidResourceNamespace",
  },
  invalid_resource_name: { status: 400, azureCode: "InvalidResourceName", detailCode: "InvalidResourceName" },
  account_name_invalid: { status: 400, azureCode: "AccountNameInvalid", detailCode: "AccountNameInvalid" },
  account_name_taken: {
    status: 409,
    azureCode: "StorageAccountAlreadyTaken",
    detailCode: "StorageAccountAlreadyTaken",
  },
  invalid_subscription_id: { status: 400, azureCode: "InvalidSubscriptionId", detailCode: "InvalidSubscriptionId" },
  invalid_template: { status: 400, azureCode: "InvalidTemplate", detailCode: "InvalidTemplate" },
  deployment_not_found: { status: 404, azureCode: "DeploymentNotFound", detailCode: "DeploymentNotFound" },
  deployment_active: { status: 409, azureCode: "DeploymentActive", detailCode: "DeploymentActive" },
  invalid_request_content: { status: 400, azureCode: "InvalidRequestContent", detailCode: "InvalidRequestContent" },
  location_required: { status: 400, azureCode: "LocationRequired", detailCode: "LocationRequired" },
  invalid_group_location: {
    status: 409,
    azureCode: "InvalidResourceGroupLocation",
    detailCode: "InvalidResourceGroupLocation",
  },
  invalid_resource_location: {
    status: 409,
    azureCode: "InvalidResourceLocation",
    detailCode: "InvalidResourceLocation",
  },
  authentication_failed: { status: 401, azureCode: "AuthenticationFailed", detailCode: "AuthenticationFailed" },
  invalid_authentication_token: {
    status: 401,
    azureCode: "InvalidAuthenticationToken",
    detailCode: "InvalidAuthenticationToken",
  },
  missing_subscription: { status: 404, azureCode: "MissingSubscription", detailCode: "MissingSubscription" },
  resource_group_not_found: { status: 404, azureCode: "ResourceGroupNotFound", detailCode: "ResourceGroupNotFound" },
  parent_resource_not_found: { status: 404, azureCode: "ParentResourceNotFound", detailCode: "ParentResourceNotFound" },
  role_assignment_exists: { status: 409, azureCode: "RoleAssignmentExists", detailCode: "RoleAssignmentExists" },
  role_definition_missing: {
    status: 404,
    azureCode: "RoleDefinitionDoesNotExist",
    detailCode: "RoleDefinitionDoesNotExist",
  },
  unauthorized: { status: 401, azureCode: "Unauthorized", detailCode: "Unauthorized" },
  forbidden: { status: 403, azureCode: "Forbidden", detailCode: "Forbidden" },
  not_found: { status: 404, azureCode: "NotFound", detailCode: "ResourceNotFound" },
  method_not_allowed: { status: 405, azureCode: "MethodNotAllowed", detailCode: "MethodNotAllowed" },
  request_timeout: { status: 408, azureCode: "RequestTimeout", detailCode: "RequestTimeout" },
  conflict: { status: 409, azureCode: "Conflict", detailCode: "Conflict" },
  precondition_failed: { status: 412, azureCode: "PreconditionFailed", detailCode: "PreconditionFailed" },
  payload_too_large: { status: 413, azureCode: "RequestEntityTooLarge", detailCode: "PayloadTooLarge" },
  invalid_content_type: { status: 415, azureCode: "UnsupportedMediaType", detailCode: "InvalidContentType" },
  too_many_requests: { status: 429, azureCode: "TooManyRequests", detailCode: "TooManyRequests" },
  internal: { status: 500, azureCode: "InternalServerError", detailCode: "InternalServerError" },
  not_supported: { status: 501, azureCode: "NotImplemented", detailCode: "NotSupported" },
  store_unavailable: { status: 503, azureCode: "ServiceUnavailable", detailCode: "StoreUnavailable" },
  store_full: { status: 503, azureCode: "ServiceUnavailable", detailCode: "ServerBusy" },
  issuer_unavailable: { status: 503, azureCode: "ServiceUnavailable", detailCode: "IssuerUnavailable" },
  not_ready: { status: 503, azureCode: "ServiceUnavailable", detailCode: "ServerBusy" },
} as const;

/** Code of a failure. See {@link ERRORS}. */
export type ErrorCode = keyof typeof ERRORS;

/** The only exception type. `message` is written for the caller: it names the field, the value and the limit. */
export class RingmainError extends Error {
  override readonly name = "RingmainError";
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}

/**
 * Returns whether an error is a failure of Ringmain or of something that it depends on, which must be logged as an error. A
 * request for an unsupported feature (501) is refused on purpose.
 */
export function isServerFailure(code: ErrorCode): boolean {
  return ERRORS[code].status >= 500 && code !== "not_supported";
}

/** Returns the thrown value if it is an `Error`, otherwise an `Error` with its text. */
export function toError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}

/** Causes a compile error if a union is not handled completely, and throws if it is reached at run time. */
export function assertNever(value: never): never {
  throw new RingmainError("internal", `Unhandled case: ${JSON.stringify(value)}`);
}
