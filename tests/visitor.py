"""Somebody with a plain browser: cookies, links and forms, no JavaScript, real sockets.

Forms are filled as they stand in the page, so that a test knows only what a person sees: labels' names and buttons.
"""

import ssl
from collections.abc import Mapping
from html.parser import HTMLParser
from typing import Any, NamedTuple
from urllib.parse import urljoin, urlsplit

import httpx

from tests.servers import PASSWORD
from tests.tls import Names


class Form:
    """One form of a page: where it goes, what it already holds, what its buttons are."""

    def __init__(self, action: str, method: str) -> None:
        self.action, self.method = action, method
        self.fields: dict[str, str] = {}
        self.words = ""


class Link(NamedTuple):
    """Where it leads, and what it says."""

    address: str
    words: str


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.links: list[Link] = []
        self._address: str | None = None
        self._words = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self._address, self._words = dict(attrs).get("href"), ""

    def handle_data(self, data: str) -> None:
        self._words += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "a" and self._address:
            self.links.append(Link(self._address, " ".join(self._words.split())))
            self._address = None


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._form: Form | None = None
        self._area: str | None = None
        self._select: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._form = Form(given.get("action", ""), given.get("method", "get").lower())
            self.forms.append(self._form)
        elif self._form is not None:
            self._field(tag, given, self._form)

    def _field(self, tag: str, given: dict[str, str], form: Form) -> None:
        name = given.get("name")
        if tag == "input" and name:
            ticked = given.get("type") not in ("radio", "checkbox", "submit") or "checked" in given
            if ticked:
                form.fields[name] = given.get("value", "on" if given.get("type") == "checkbox" else "")
        elif tag == "textarea" and name:
            self._area = name
            form.fields[name] = ""
        elif tag == "select" and name:
            self._select = name
        elif tag == "option" and self._select and ("selected" in given or self._select not in form.fields):
            form.fields[self._select] = given.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "textarea":
            self._area = None
        elif tag == "select":
            self._select = None

    def handle_data(self, data: str) -> None:
        if self._form is not None:
            if self._area:
                self._form.fields[self._area] += data.removeprefix("\n")
            self._form.words += data


class Visitor:
    """One person's browser at one site. `page` is the last answer."""

    def __init__(
        self,
        base_url: str,
        *,
        names: Names | None = None,
        language: str = "fr",
        way: httpx.BaseTransport | None = None,
    ) -> None:
        """`way` when the site is behind something else than its own address."""
        self.base_url = base_url
        self._client = httpx.Client(
            transport=way or _ByName(names), headers={"Accept": "text/html", "Accept-Language": language}, timeout=30
        )
        self.page = httpx.Response(204)

    def go(self, address: str) -> httpx.Response:
        """GET, and on until there is a page."""
        return self._arrive(self._client.get(urljoin(self.base_url, address)))

    def send(self, *, to: str, values: Mapping[str, str], may_fail: bool = False) -> httpx.Response:
        """Fill the form of this page whose action or words hold `to`, and send it."""
        form = self.form(to)
        unknown = values.keys() - form.fields.keys() - self._choices(form)
        if unknown:
            raise AssertionError(f"no field {sorted(unknown)} in the form to {form.action}: {sorted(form.fields)}")
        address = urljoin(str(self.page.url), form.action)
        origin = "{0.scheme}://{0.netloc}".format(urlsplit(address))
        headers = {"Origin": origin, "Sec-Fetch-Site": "same-origin"}
        answer = self._client.post(address, data=form.fields | dict(values), headers=headers)
        if may_fail:
            return answer
        return self._arrive(answer)

    def form(self, to: str) -> Form:
        found = [form for form in self.forms() if to in form.action or to in form.words]
        if not found:
            raise AssertionError(f"no form to {to!r} on {self.page.url}: {[form.action for form in self.forms()]}")
        return found[0]

    def links(self, address: str) -> list[Link]:
        """The links of a page."""
        reader = _Links()
        reader.feed(self.go(address).text)
        return reader.links

    def forms(self) -> list[Form]:
        reader = _Forms()
        reader.feed(self.page.text)
        return reader.forms

    def sign_in(self, name: str = "nadia", password: str = PASSWORD) -> "Visitor":
        self.go("/sign-in")
        self.send(to="/sign-in", values={"login": name, "password": password})
        if "/sign-in" in str(self.page.url):
            raise AssertionError(f"not signed in: {self.page.text[:2000]}")
        return self

    @property
    def cookies(self) -> dict[str, str]:
        """What a site has given them to keep."""
        return dict(self._client.cookies.items())

    def close(self) -> None:
        self._client.close()

    def _choices(self, form: Form) -> set[str]:
        """Names of radio buttons and boxes that are not ticked: any name that stands in the page at all."""
        return {part.split('"')[0] for part in self.page.text.split('name="')[1:]}

    def _arrive(self, answer: httpx.Response) -> httpx.Response:
        for _ in range(5):
            if not answer.has_redirect_location:
                break
            answer = self._client.get(urljoin(str(answer.url), answer.headers["location"]))
        self.page = answer
        if answer.status_code >= 500:
            raise AssertionError(f"{answer.status_code} at {answer.url}: {answer.text[:2000]}")
        return answer


class _ByName(httpx.BaseTransport):
    """Connects to the address that `Names` gives a host, with the host's own name in TLS and in the request."""

    def __init__(self, names: Names | None) -> None:
        self._addresses = names.addresses if names else {}
        trust: Any = ssl.create_default_context(cafile=str(names.ca_file)) if names else True
        self._inner = httpx.HTTPTransport(verify=trust, trust_env=False)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        host = request.url.host
        if host not in self._addresses:
            return self._inner.handle_request(request)
        return self._inner.handle_request(
            httpx.Request(
                request.method,
                request.url.copy_with(host=self._addresses[host]),
                headers=request.headers,
                stream=request.stream,
                extensions=request.extensions | {"sni_hostname": host},
            )
        )

    def close(self) -> None:
        self._inner.close()
