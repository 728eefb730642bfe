"""`make demo`: two sites on this machine, full of listings; what is published on one is on the other, and answered.

At its own fixed addresses, as whoever tries it finds it: they must be free.
"""

import os
import re
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.figures import Figure
from tests.processes import Program, eventually
from tests.visitor import Visitor

pytestmark = [pytest.mark.real, pytest.mark.xdist_group("demo")]
HERE, THERE = "http://localhost:8001", "http://127.0.0.1:8002"


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Program]:
    command = [sys.executable, "-m", "fedishare", "demo", "--folder", str(tmp_path / "demo")]
    env = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "LANG": "fr_FR.UTF-8", "PYTHONUNBUFFERED": "1"}
    program = Program(command, log=tmp_path / "demo.log", env=env)
    try:
        yield program
    finally:
        program.stop(40)


@pytest.mark.timeout(240)
def test_the_demo_can_be_tried_as_it_says(demo: Program, figure: Figure) -> None:
    begin = time.perf_counter()
    demo.until(lambda: "Ctrl-C" in demo.text(), seconds=120, what="what to try")
    figure("both sites up, seeded", time.perf_counter() - begin, "s", at_most=120)
    said = demo.text()
    assert HERE in said
    assert THERE in said
    names = re.findall(
        r"(?:sous le nom|en tant que|avec le nom|as|comme) (\w+), (?:mot de passe|password)\s?: (.+)", said
    )
    assert len(names) == 2, said

    # An offer published on one is on the other.
    here, there = Visitor(HERE).sign_in(*names[0]), Visitor(THERE).sign_in(*names[1])
    assert "/search" in here.go("/").text
    begin = time.perf_counter()
    here.go("/new")
    here.send(to="/new", values={"title": "Four à pain mobile", "text": "Il cuit *dix* pains.", "place": "Lille"})
    page = eventually(lambda: page_of(there, "Four à pain mobile"), seconds=20, what="the offer on the other site")
    figure("an offer published on one is on the other", time.perf_counter() - begin, "s", at_most=20)

    # An answer comes back, and waits for its owner.
    there.go(page)
    begin = time.perf_counter()
    there.send(to="repl", values={"text": "Peut-on le réserver pour la fête ?"})
    eventually(lambda: "pour la fête" in here.go("/notifications").text, seconds=20, what="the answer")
    figure("an answer is back", time.perf_counter() - begin, "s", at_most=20)

    assert demo.stop(40) == 0
    for visitor in (here, there):
        visitor.close()


def page_of(visitor: Visitor, title: str) -> str | None:
    return next((link.address for link in visitor.links("/search") if title in link.words), None)
