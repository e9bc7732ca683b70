/**
 * Looks up the connection string of a namespace or of NATS servers by name. Called for every attempt. The result is a
 * secret.
 */
export type FindConnection = (name: string) => string | undefined;
