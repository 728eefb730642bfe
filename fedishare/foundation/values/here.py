"""What every operation may know of the instance it runs in."""

from urllib.parse import urlsplit

from msgspec import Struct

from fedishare.foundation.values.ids import IdSource


class Here(Struct, frozen=True, kw_only=True):
    """This instance: its address, its languages, and whether it speaks with others.

    `base_url` has no slash at its end. `open` is false when nothing may go in or out; `partners_only` when that is for
    partners and allowed servers alone; `signed_only` when whoever reads must say who they are.
    """

    base_url: str
    handle_domain: str
    ids: IdSource
    language: str = "fr"
    time_zone: str = "Europe/Paris"
    open: bool = True
    partners_only: bool = False
    signed_only: bool = False

    @property
    def host(self) -> str:
        """Host and port as they stand in the base URL."""
        return urlsplit(self.base_url).netloc

    @property
    def secure(self) -> bool:
        return self.base_url.startswith("https://")

    def url(self, path: str) -> str:
        """`path` begins with a slash."""
        return self.base_url + path

    def owns(self, uri: str) -> bool:
        """Whether an id was given by this instance."""
        return uri == self.base_url or uri.startswith((self.base_url + "/", self.base_url + "#"))
