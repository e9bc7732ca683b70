"""Runs every long-running operation of Debian's azure.mgmt.eventgrid: manage_all.py <server> <webhook>. Prints the finished ones."""

import json
import sys
from datetime import datetime, timedelta, timezone

from azure.mgmt.eventgrid import models

from plain_client import GROUP, SUBSCRIPTION, plain_client

server, webhook = sys.argv[1:]
BASE = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{GROUP}/providers"
client = plain_client(server)
ended = []


def run(group, operation, *args):
    """Waits for an operation of an operation group, and records that it succeeded."""
    result = getattr(getattr(client, group), f"begin_{operation}")(*args).result()
    state = getattr(result, "provisioning_state", "Succeeded")
    if state != "Succeeded":
        raise RuntimeError(f"{group}.{operation}: {state}")
    ended.append(f"{group}.{operation}")
    return result


def run_subscription(group, *parents):
    """Creates, changes and deletes an event subscription of a kind of topic."""
    destination = models.WebHookEventSubscriptionDestination(endpoint_url=webhook)
    run(group, "create_or_update", *parents, "one", models.EventSubscription(destination=destination))
    run(group, "update", *parents, "one", models.EventSubscriptionUpdateParameters(labels=["l"]))
    run(group, "delete", *parents, "one")


tags = {"a": "b"}
run("topics", "create_or_update", GROUP, "all-topic", models.Topic(location="local"))
run("topics", "update", GROUP, "all-topic", models.TopicUpdateParameters(tags=tags))
run("topics", "regenerate_key", GROUP, "all-topic", models.TopicRegenerateKeyRequest(key_name="key1"))
run_subscription("topic_event_subscriptions", GROUP, "all-topic")
run_subscription("event_subscriptions", f"{BASE}/Microsoft.EventGrid/topics/all-topic")
run("topics", "delete", GROUP, "all-topic")

run("domains", "create_or_update", GROUP, "all-domain", models.Domain(location="local"))
run("domains", "update", GROUP, "all-domain", models.DomainUpdateParameters(tags=tags))
run("domain_topics", "create_or_update", GROUP, "all-domain", "part")
run_subscription("domain_topic_event_subscriptions", GROUP, "all-domain", "part")
run_subscription("domain_event_subscriptions", GROUP, "all-domain")
run("domain_topics", "delete", GROUP, "all-domain", "part")
run("domains", "delete", GROUP, "all-domain")

system_topic = models.SystemTopic(
    location="local",
    source=f"{BASE}/Microsoft.KeyVault/vaults/secrets",
    topic_type="Microsoft.KeyVault.vaults",
)
run("system_topics", "create_or_update", GROUP, "all-system", system_topic)
run("system_topics", "update", GROUP, "all-system", models.SystemTopicUpdateParameters(tags=tags))
run_subscription("system_topic_event_subscriptions", GROUP, "all-system")
run("system_topics", "delete", GROUP, "all-system")

registration = run(
    "partner_registrations", "create_or_update", GROUP, "contoso", models.PartnerRegistration(location="global")
)
run(
    "partner_registrations", "update", GROUP, "contoso", models.PartnerRegistrationUpdateParameters(tags=tags)
)
authorized = models.PartnerAuthorization(
    authorized_partners_list=[
        models.Partner(partner_registration_immutable_id=registration.partner_registration_immutable_id)
    ]
)
configuration = models.PartnerConfiguration(location="global", partner_authorization=authorized)
run("partner_configurations", "create_or_update", GROUP, configuration)
run("partner_configurations", "update", GROUP, models.PartnerConfigurationUpdateParameters(tags=tags))
namespace = models.PartnerNamespace(
    location="local",
    partner_registration_fully_qualified_id=registration.id,
    partner_topic_routing_mode="ChannelNameHeader",
)
run("partner_namespaces", "create_or_update", GROUP, "space", namespace)
run("partner_namespaces", "update", GROUP, "space", models.PartnerNamespaceUpdateParameters(tags=tags))
topic = models.PartnerTopicInfo(
    azure_subscription_id=SUBSCRIPTION, resource_group_name=GROUP, name="from-contoso", source="/contoso/1"
)
channel = models.Channel(
    channel_type="PartnerTopic",
    partner_topic_info=topic,
    expiration_time_if_not_activated_utc=datetime.now(timezone.utc) + timedelta(days=7),
)
client.channels.create_or_update(GROUP, "space", "orders", channel)
client.partner_topics.activate(GROUP, "from-contoso")
run_subscription("partner_topic_event_subscriptions", GROUP, "from-contoso")
run("partner_topics", "delete", GROUP, "from-contoso")
run("channels", "delete", GROUP, "space", "orders")
run("partner_namespaces", "delete", GROUP, "space")
run("partner_configurations", "delete", GROUP)
run("partner_registrations", "delete", GROUP, "contoso")

every = {
    f"{group}.{name[len('begin_'):]}"
    for group in vars(client)
    if not group.startswith("_")
    for name in dir(getattr(client, group))
    if name.startswith("begin_") and group != "private_endpoint_connections"
}
print(json.dumps({"ended": len(ended), "left": sorted(every - set(ended))}))
