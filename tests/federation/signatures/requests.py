"""Whether a request made by `signing` is accepted, and why not."""

import pytest

from fedishare.federation.signatures import cavage
from fedishare.federation.signatures.errors import BadSignature
from tests.federation.signatures.signing import BODY, NOW, pem, rsa


def check(pairs, *, method="POST", target=b"/inbox", body=BODY, key=None, now=NOW):
    head = cavage.parse(pairs)
    return cavage.verify(head, method, target, pairs, body, key or pem(rsa()), now)


def refused(pairs, why, **how):
    with pytest.raises(BadSignature, match=why) as told:
        check(pairs, **how)
    assert told.value.status == 401
