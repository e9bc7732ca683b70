/** Looks the connection string of a namespace, or of NATS servers, up by its name. Asked at every attempt. A secret. */
export type FindConnection = (name: string) => string | undefined;
