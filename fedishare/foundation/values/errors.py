"""The one tree of errors.

    Refusal                 a person asked for something that cannot be; becomes a page or problem+json
    ├── Invalid       422
    ├── NotSignedIn   401
    ├── NotAllowed    403
    ├── NotFound      404
    ├── Gone          410
    ├── Conflict      409
    ├── TooLarge      413
    ├── TooMany       429
    └── Busy          503
    RemoteTrouble           another server; data for the retry policy, never a page
    ├── Unreachable         no answer, or one that may be better later
    ├── Malformed           an answer that makes no sense
    ├── Untrusted           an answer that nobody vouches for, or an address we do not call
    └── RemotelyGone        the other server says 410
    Misconfigured           stops the start, with the name of the setting

Features derive their own from the branch that has the status.
"""

from collections.abc import Mapping


def N_(text: str) -> str:
    """Mark a text for translation; it is translated when somebody reads it."""
    return text


class Refusal(Exception):
    """`title` says what happened, `advice` what to do next; both are msgids. `detail` is for the log alone.

    Texts may hold `%(name)s` places, filled from `values` after translation. `headers` go along with the answer.
    """

    headers: Mapping[str, str] = {}
    status = 400
    slug = "refused"
    title = N_("This cannot be done.")
    advice = N_("Go back and try something else.")

    def __init__(self, detail: str = "", **values: object) -> None:
        super().__init__(detail or self.title)
        self.detail = detail
        self.values = values


class Invalid(Refusal):
    """Input that cannot be read. `problems` maps a field's name to a msgid that says what is wrong with it."""

    status = 422
    slug = "invalid"
    title = N_("Something needs another look.")
    advice = N_("Correct what is marked and send it again. Nothing you wrote is lost.")

    def __init__(self, problems: dict[str, str] | None = None, detail: str = "", **values: object) -> None:
        super().__init__(detail or ", ".join(f"{name}: {why}" for name, why in (problems or {}).items()), **values)
        self.problems = problems or {}


class NotSignedIn(Refusal):
    status = 401
    slug = "not-signed-in"
    title = N_("You need to be signed in for this.")
    advice = N_("Sign in, then try again.")


class NotAllowed(Refusal):
    status = 403
    slug = "not-allowed"
    title = N_("You may not do this.")
    advice = N_("Ask somebody who answers for it.")


class NotFound(Refusal):
    status = 404
    slug = "not-found"
    title = N_("There is nothing at this address.")
    advice = N_("Check the address, or look for it from the home page.")


class Gone(Refusal):
    status = 410
    slug = "gone"
    title = N_("This is no longer here.")
    advice = N_("Its owner has removed it. Something like it may be on the home page.")


class Conflict(Refusal):
    status = 409
    slug = "conflict"
    title = N_("This was changed in the meantime.")
    advice = N_("Load the page again and see how it stands now.")


class TooLarge(Refusal):
    status = 413
    slug = "too-large"
    title = N_("This is too large.")
    advice = N_("Send less at once.")


class TooMany(Refusal):
    status = 429
    slug = "too-many"
    title = N_("Too many requests in a short time.")
    advice = N_("Wait a few minutes, then try again.")


class Busy(Refusal):
    """The work is not done and may succeed later: answered with Retry-After."""

    status = 503
    slug = "busy"
    title = N_("The server is busy.")
    advice = N_("Your text is kept. Try again in a minute.")


class RemoteTrouble(Exception):
    """Something between us and another server. `text` is a msgid with places for `values`, or a detail as it came."""

    def __init__(self, text: str, **values: object) -> None:
        super().__init__(text % values if values else text)
        self.text = text
        self.values = values


class Unreachable(RemoteTrouble):
    """No usable answer now. `status` is the HTTP status when there was one, `retry_after_s` what they asked for."""

    def __init__(
        self, text: str, *, status: int | None = None, retry_after_s: float | None = None, **values: object
    ) -> None:
        super().__init__(text, **values)
        self.status = status
        self.retry_after_s = retry_after_s


class Malformed(RemoteTrouble):
    """What came cannot be read; it will not be better next time."""


class Untrusted(RemoteTrouble):
    """Nobody with the right to say so vouches for it, or the address is not one we call."""


class RemotelyGone(RemoteTrouble):
    """410: it existed and was deleted."""


class Misconfigured(Exception):
    """A setting stops the start: its name, what is wrong, an example. The text is for the admin's terminal.

    `text` is a msgid with `%(name)s` places, filled from `values` after translation, or a sentence said already.
    """

    def __init__(self, text: str, **values: object) -> None:
        super().__init__(text % values if values else text)
        self.text = text
        self.values = values
