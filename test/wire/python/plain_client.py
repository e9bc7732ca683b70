"""A client of Debian's azure.mgmt.eventgrid for a Ringmain that is reached over plain HTTP."""

from azure.core.pipeline.policies import SansIOHTTPPolicy
from azure.mgmt.eventgrid import EventGridManagementClient

SUBSCRIPTION = "00000000-0000-0000-0000-000000000000"
GROUP = "ringmain"


class PlainBearer(SansIOHTTPPolicy):
    """Sends a token over plain HTTP, which the SDK's own policy refuses."""

    def on_request(self, request):
        request.http_request.headers["Authorization"] = "Bearer any"


def plain_client(server):
    """Returns a client of the server at an address."""
    return EventGridManagementClient(
        credential=object(),
        subscription_id=SUBSCRIPTION,
        base_url=server,
        authentication_policy=PlainBearer(),
    )
