// Creates a topic and reads its keys with a credential of @azure/identity, in a process of its own that gets its
// trusted certificates from the environment (NODE_EXTRA_CA_CERTS).
import { EventGridManagementClient } from "@azure/arm-eventgrid";
import { ClientSecretCredential } from "@azure/identity";

const [endpoint, subscriptionId, clientId, clientSecret, name] = process.argv.slice(2);
const credential = new ClientSecretCredential("adfs", clientId, clientSecret, { authorityHost: endpoint });
const client = new EventGridManagementClient(credential, subscriptionId, { endpoint });
try {
  const topic = await client.topics.beginCreateOrUpdateAndWait("ringmain", name, { location: "westeurope" });
  const { key1 } = await client.topics.listSharedAccessKeys("ringmain", name);
  console.log(JSON.stringify({ id: topic.id, hasKey: key1 !== undefined }));
} catch (thrown) {
  console.log(JSON.stringify({ name: thrown.name, status: thrown.statusCode, code: thrown.code }));
}
