"""Publishes with azure.eventgrid in all ways that the SDK offers, and prints the results as one JSON object."""
import json
import sys
from datetime import datetime, timedelta, timezone

from azure.core.credentials import AzureKeyCredential, AzureSasCredential
from azure.core.exceptions import ClientAuthenticationError, HttpResponseError
from azure.core.messaging import CloudEvent
from azure.eventgrid import EventGridEvent, EventGridPublisherClient, generate_sas

orders, clouds, key = sys.argv[1:4]
done = {}

client = EventGridPublisherClient(orders, AzureKeyCredential(key))
client.send(EventGridEvent(id="py-eg", event_type="Order.Placed", subject="orders/1", data={"n": 1}, data_version="1.0"))

sas = generate_sas(orders, key, datetime.now(timezone.utc) + timedelta(hours=1))
client = EventGridPublisherClient(orders, AzureSasCredential(sas))
client.send([EventGridEvent(id="py-sas", event_type="Order.Placed", subject="orders/2", data="text", data_version="1.0")])

client = EventGridPublisherClient(clouds, AzureKeyCredential(key))
client.send([CloudEvent(source="/py", type="Order.Placed", id="py-ce", data={"n": 2})])
client.send({"specversion": "1.0", "id": "py-dict", "source": "/py", "type": "Order.Placed", "data": [1, 2]})

try:
    EventGridPublisherClient(orders, AzureKeyCredential("d3Jvbmc=")).send(
        EventGridEvent(event_type="Order.Placed", subject="s", data={}, data_version="1.0")
    )
    done["wrongKey"] = "accepted"
except ClientAuthenticationError as error:
    done["wrongKey"] = error.status_code

try:
    EventGridPublisherClient(orders, AzureKeyCredential(key)).send({"specversion": "1.0", "id": "x", "source": "/", "type": "t"})
    done["wrongSchema"] = "accepted"
except HttpResponseError as error:
    done["wrongSchema"] = error.status_code

print(json.dumps(done))
