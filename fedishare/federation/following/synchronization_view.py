"""Who follows somebody here from the server that asks, for that server alone (FEP-8fcf).

Whoever asks signs, and hears of their own people only: another server's followers are none of their business.
"""

from starlette.requests import Request
from starlette.responses import Response

from fedishare.federation.actors.views import local_actor, not_for_servers
from fedishare.federation.fetching.readers import signed_by
from fedishare.federation.outbox import store
from fedishare.federation.policy import domains
from fedishare.federation.policy.domains import Verdict
from fedishare.federation.signatures import incoming
from fedishare.federation.vocabulary.collections import inline_collection
from fedishare.federation.vocabulary.context import with_context
from fedishare.federation.vocabulary.origins import origin
from fedishare.foundation.values.errors import Malformed, RemotelyGone, Unreachable, Untrusted
from fedishare.foundation.web.negotiation import activity_json


async def followers_synchronization(request: Request) -> Response:
    """GET /users/{name}/followers_synchronization: 401 for whoever does not sign, 503 while their key cannot be had."""
    actor = await local_actor(request)
    refused = not_for_servers(request, actor)
    if refused is not None:
        return refused
    state = request.state
    try:
        signed = await signed_by(request.scope, fetcher=state.fetcher, here=state.here, clock=state.clock)
    except Unreachable:
        return Response(status_code=503, headers={"Retry-After": "60"})
    except (Untrusted, Malformed, RemotelyGone):
        return Response(status_code=401, headers={"Accept-Signature": incoming.accepted("GET")})
    if await state.db.read(domains.verdict, signed.uri, here=state.here) is Verdict.BLOCK:
        return Response(status_code=403)
    found = await state.db.read(store.followers_at, actor.id, origin=origin(signed.uri))
    document = inline_collection(f"{actor.uri}/followers_synchronization", found)
    return activity_json(with_context(document), headers={"Cache-Control": "private, no-store"})
