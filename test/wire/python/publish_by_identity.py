"""Publishes with credentials of azure.identity. The arguments are the endpoint and the authority."""

import json
import sys

from azure.core.exceptions import ClientAuthenticationError
from azure.eventgrid import EventGridEvent, EventGridPublisherClient
from azure.identity import ClientSecretCredential

endpoint, authority = sys.argv[1:3]
TENANT = "11111111-1111-1111-1111-111111111111"
# The option has two names in different versions.
OFFLINE = {"disable_instance_discovery": True, "instance_discovery": False}


def send(event_id, credential):
    event = EventGridEvent(id=event_id, subject="s", event_type="t", data={}, data_version="1")
    EventGridPublisherClient(endpoint, credential).send(event)
    return event_id


sent = [
    send("py-adfs", ClientSecretCredential("adfs", "any", "any", authority=authority)),
    send("py-tenant", ClientSecretCredential(TENANT, "any", "any", authority=authority, **OFFLINE)),
]
try:
    send("py-wrong", ClientSecretCredential("adfs", "known", "wrong", authority=authority))
    wrong_secret = False
except ClientAuthenticationError:
    wrong_secret = True
print(json.dumps({"sent": sent, "wrongSecret": wrong_secret}))
