// Publishes one event with a credential of @azure/identity, in a process of its own that gets its trusted
// certificates (NODE_EXTRA_CA_CERTS) and its identity (AZURE_*, IDENTITY_*) from the environment.
import { EventGridPublisherClient } from "@azure/eventgrid";
import { ClientSecretCredential, DefaultAzureCredential, ManagedIdentityCredential } from "@azure/identity";

const [endpoint, authorityHost, kind, id] = process.argv.slice(2);
const TENANT = "11111111-1111-1111-1111-111111111111";
const credentials = {
  // On-premises authorities are not checked with Microsoft.
  adfs: () => new ClientSecretCredential("adfs", "any", "any", { authorityHost }),
  tenant: () => new ClientSecretCredential(TENANT, "any", "any", { authorityHost, disableInstanceDiscovery: true }),
  wrongSecret: () => new ClientSecretCredential("adfs", "known", "wrong", { authorityHost }),
  known: () => new ClientSecretCredential("adfs", "known", "the secret", { authorityHost }),
  environment: () => new DefaultAzureCredential(),
  managed: () => new ManagedIdentityCredential(),
};
const client = new EventGridPublisherClient(endpoint, "EventGrid", credentials[kind]());
try {
  await client.send([{ id, eventType: "Test", subject: kind, dataVersion: "1", data: {} }]);
  console.log(JSON.stringify({ sent: id }));
} catch (thrown) {
  console.log(JSON.stringify({ name: thrown.name, status: thrown.statusCode, message: thrown.message }));
}
