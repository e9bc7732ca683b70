"""Debian's azure.mgmt.eventgrid as a client of a Ringmain that is reached over plain HTTP."""

from azure.core.pipeline.policies import SansIOHTTPPolicy
from azure.mgmt.eventgrid import EventGridManagementClient

SUBSCRIPTION = "00000000-0000-0000-0000-000000000000"
GROUP = "ringmain"


class PlainBearer(SansIOHTTPPolicy):
    """A token over plain HTTP, which the SDK's own policy refuses to send."""

    def on_request(self, request):
        request.http_request.headers["Authorization"] = "Bearer any"


def plain_client(server):
    """The client of the server at this address."""
    return EventGridManagementClient(
        credential=object(),
        subscription_id=SUBSCRIPTION,
        base_url=server,
        authentication_policy=PlainBearer(),
    )
