"""Manages Event Grid resources with Debian's azure.mgmt.eventgrid: manage.py <server> <webhook>. Prints the results."""

import json
import sys

from azure.core.exceptions import ResourceNotFoundError
from azure.mgmt.eventgrid.models import (
    Domain,
    EventSubscription,
    EventSubscriptionFilter,
    EventSubscriptionUpdateParameters,
    SystemTopic,
    Topic,
    TopicRegenerateKeyRequest,
    TopicUpdateParameters,
    WebHookEventSubscriptionDestination,
)

from plain_client import GROUP, SUBSCRIPTION, plain_client

server, webhook = sys.argv[1:]
client = plain_client(server)

topic = client.topics.begin_create_or_update(GROUP, "snakes", Topic(location="West Europe")).result()
client.topics.begin_update(GROUP, "snakes", TopicUpdateParameters(tags={"a": "b"})).result()
keys = client.topics.list_shared_access_keys(GROUP, "snakes")
new_keys = client.topics.begin_regenerate_key(GROUP, "snakes", TopicRegenerateKeyRequest(key_name="key2")).result()

subscription = EventSubscription(
    destination=WebHookEventSubscriptionDestination(endpoint_url=webhook + "?code=secret"),
    filter=EventSubscriptionFilter(subject_begins_with="/a"),
)
created = client.event_subscriptions.begin_create_or_update(topic.id, "one", subscription).result()
update = EventSubscriptionUpdateParameters(destination=created.destination, labels=["l"])
updated = client.event_subscriptions.begin_update(topic.id, "one", update).result()
full_url = client.event_subscriptions.get_full_url(topic.id, "one").endpoint_url

deaf = EventSubscription(destination=WebHookEventSubscriptionDestination(endpoint_url=server + "/nowhere"))
unconsented = client.event_subscriptions.begin_create_or_update(topic.id, "deaf", deaf).result()

client.domains.begin_create_or_update(GROUP, "adders", Domain(location="local")).result()
client.domain_topics.begin_create_or_update(GROUP, "adders", "north").result()
domain_topics = [each.name for each in client.domain_topics.list_by_domain(GROUP, "adders")]
client.domains.begin_delete(GROUP, "adders").result()

source = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{GROUP}/providers/Microsoft.Storage/storageAccounts/a"
system_topic = SystemTopic(location="local", source=source, topic_type="Microsoft.Storage.StorageAccounts")
client.system_topics.begin_create_or_update(GROUP, "blobs", system_topic).result()
client.system_topics.begin_delete(GROUP, "blobs").result()

listed = [each.name for each in client.topics.list_by_resource_group(GROUP, top=1)]
client.topics.begin_delete(GROUP, "snakes").result()
try:
    client.topics.get(GROUP, "snakes")
    gone = None
except ResourceNotFoundError as error:
    gone = error.error.code

print(
    json.dumps(
        {
            "location": topic.location,
            "endpoint": topic.endpoint,
            "keyKept": keys.key1 == new_keys.key1,
            "keyChanged": keys.key2 != new_keys.key2,
            "state": created.provisioning_state,
            "labels": updated.labels,
            "filter": updated.filter.subject_begins_with,
            "fullUrl": full_url,
            "unconsented": unconsented.provisioning_state,
            "domainTopics": domain_topics,
            "listed": listed,
            "gone": gone,
        }
    )
)
