"""What the tests about things that go wrong have in common: how a command refuses, and how an offer is published."""

from pathlib import Path

import httpx

from tests.servers import Server
from tests.visitor import Visitor


def refusal(server: Server, *arguments: str, seconds: float = 30) -> str:
    """What a command says when it refuses: exit code 1, no traceback, a few lines at most."""
    done = server.ran(*arguments, seconds=seconds)
    assert done.returncode == 1, (arguments, done.returncode, done.stdout, done.stderr)
    said = done.stderr.strip()
    assert said, "refused without a word"
    assert "Traceback" not in said, said
    assert len(said.splitlines()) <= 4, said
    return said


def add(server: Server, title: str, folder: Path) -> list[str]:
    """The command that publishes an offer."""
    text = folder / "text.md"
    text.write_text("Une chose à prêter.")
    return [
        *("proposal", "add", "--as", "association", "--offer", "--action", "use", "--title", title),
        *("--text-file", str(text), "--place", "Lille", "--json"),
    ]


def titles(server: Server) -> list[str]:
    return sorted(row["title"] for row in server.rows("proposal", "list", "--origin", "here"))


def publish(visitor: Visitor, title: str, *, expected: int, text: str = "Une chose.") -> httpx.Response:
    """Fill the form as a person does."""
    visitor.go("/new")
    answer = visitor.send(to="/new", values={"title": title, "text": text, "place": "Lille"}, may_fail=expected >= 500)
    assert answer.status_code == expected, answer.text[:3000]
    return answer
