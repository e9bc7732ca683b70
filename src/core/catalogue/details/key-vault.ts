import { event, type EventTypeDetails, type TopicTypeDetails } from "../topic-type-details.ts";

const VERSION = "ee059b2bb5bc48398a53b168c6cdcb10";
/** Start and end of 2026, in seconds since 1970. */
const [NOT_BEFORE, EXPIRES] = [1_767_225_600, 1_798_761_599];

function changed(description: string, objectType: "Certificate" | "Key" | "Secret", name: string): EventTypeDetails {
  return event(description, "1", name, {
    Id: `https://<name>.vault.azure.net/${objectType.toLowerCase()}s/${name}/${VERSION}`,
    VaultName: "<name>",
    ObjectType: objectType,
    ObjectName: name,
    Version: VERSION,
    NBF: NOT_BEFORE,
    EXP: EXPIRES,
  });
}

/** `Microsoft.KeyVault.vaults` */
export const keyVault: TopicTypeDetails = {
  displayName: "Microsoft Key Vault",
  description: "What happens to the secrets, keys and certificates of a key vault.",
  eventTypes: {
    CertificateNewVersionCreated: changed("A certificate has a new version.", "Certificate", "web-site"),
    CertificateNearExpiry: changed("A certificate's current version expires soon.", "Certificate", "web-site"),
    CertificateExpired: changed("A certificate's current version has expired.", "Certificate", "web-site"),
    KeyNewVersionCreated: changed("A key has a new version.", "Key", "signing"),
    KeyNearExpiry: changed("A key's current version expires soon.", "Key", "signing"),
    KeyExpired: changed("A key's current version has expired.", "Key", "signing"),
    SecretNewVersionCreated: changed("A secret has a new version.", "Secret", "database-password"),
    SecretNearExpiry: changed("A secret's current version expires soon.", "Secret", "database-password"),
    SecretExpired: changed("A secret's current version has expired.", "Secret", "database-password"),
    VaultAccessPolicyChanged: event("The vault's access policy or permission model changed.", "1", "<name>", {
      Id: "<source>",
      VaultName: "<name>",
      ObjectType: "vault",
      ObjectName: "<name>",
      Version: null,
      NBF: null,
      EXP: null,
    }),
  },
};
