import { invalid, isGiven } from "../rules/problem.ts";
import { RINGMAIN_KIND, type DestinationKind } from "./destination-kind.ts";

/** Properties of a stream destination. */
export interface StreamProperties {
  /**
   * Token that allows its bearer to read the stream; a secret. Without a token, readers need access to management
   * calls.
   */
  readonly accessToken?: string;
}

const MIN_TOKEN_CHARS = 16;

/** Destination: a stream of server-sent events. Source: [EG-STREAM] */
export const STREAM: DestinationKind<StreamProperties> = {
  ...RINGMAIN_KIND,
  called: "a stream of server-sent events",
  properties: {
    accessToken: {
      form: "text",
      secret: "hidden",
      description: "Token that lets clients read the stream, at least 16 characters.",
    },
  },
  // The token is a secret and is not repeated. [EG-STREAM-ACCESS]
  rules: ({ accessToken }, { field }) => {
    if (!isGiven(accessToken)) return [];
    if (typeof accessToken === "string" && accessToken.length >= MIN_TOKEN_CHARS) return [];
    return [invalid(`${field}.accessToken`, `accessToken must have at least ${MIN_TOKEN_CHARS} characters.`)];
  },
};
