"""Whatever a document lists is held against the code: settings, commands, activities, targets, links, decisions."""

import re
import tomllib
from pathlib import Path

import pytest

from fedishare import __version__, app
from tests.documents import DOCS, WRITTEN
from tests.sources import ROOT
from tests.test_imports import ROOMS

README, README_FR = ROOT / "README.md", ROOT / "README.fr.md"
DOCUMENTS = [*ROOT.glob("*.md"), *DOCS.glob("*.md")]


@pytest.mark.parametrize("name", sorted(WRITTEN))
def test_a_generated_list_says_what_the_code_says(name):
    written = (DOCS / name).read_text(encoding="utf-8")

    assert written == WRITTEN[name](), "run: python -m tests.documents"


def test_federation_names_every_activity_that_is_handled():
    text = (ROOT / "FEDERATION.md").read_text(encoding="utf-8")
    table = text.split("## Activities that are understood")[1].split("## ")[0]
    handled = {word for feature in app.FEATURES for key in feature.handlers for word in key} - {"*"}

    missing = {word for word in handled if f"`{word}`" not in table}

    assert not missing
    assert "FeatureRequest" not in table, "needs a word that is not there to mean anything"


def test_federation_names_every_activity_that_is_sent():
    text = (ROOT / "FEDERATION.md").read_text(encoding="utf-8").split("## Activities that are sent")[1]
    sources = [path.read_text(encoding="utf-8") for path in (ROOT / "fedishare").rglob("activities.py")]
    objects = {"Note", "Proposal", "Intent", "Hashtag", "Mention", "Place", "Tombstone"}

    sent = {kind for source in sources for kind in re.findall(r'"type": "(\w+)"', source)} - objects

    assert {"Create", "Follow"} <= sent
    assert not {kind for kind in sent if f"`{kind}`" not in text}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_between_documents_lead_somewhere(document):
    links = re.findall(r"\]\(([^)]+)\)", document.read_text(encoding="utf-8"))
    near = [link.split("#")[0] for link in links if "://" not in link and not link.startswith("#")]

    assert not [link for link in near if not (document.parent / link).exists()]


@pytest.mark.parametrize("document", [README, README_FR], ids=lambda path: path.name)
def test_the_readme_tells_only_targets_and_commands_that_exist(document):
    text = document.read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    commands = (DOCS / "commands.md").read_text(encoding="utf-8")

    told = set(re.findall(r"(?:^|`)make ([a-z]+)", text, re.MULTILINE))
    typed = set(
        re.findall(r"fedishare ((?:proposal|follow|queue|inbox|user|config|db) [a-z]+|init|serve|doctor)", text)
    )

    assert {"demo", "run"} <= told <= targets
    assert typed
    assert not {command for command in typed if f"`fedishare {command}" not in commands}


def test_both_readmes_tell_the_same_commands():
    def told(path: Path) -> list[str]:
        return re.findall(r"^(?:make|fedishare|python3|export|/opt)\S* \S+", path.read_text("utf-8"), re.MULTILINE)

    assert told(README) == told(README_FR) != []


def test_decisions_are_numbered_in_order_and_have_their_six_lines():
    text = (DOCS / "decisions.md").read_text(encoding="utf-8")
    titles = re.findall(r"^## (\d+)\. .+ \(\d{4}-\d\d-\d\d\)$", text, re.MULTILINE)

    assert [int(number) for number in titles] == list(range(1, len(titles) + 1))
    for section in text.split("\n## ")[1:]:
        for line in ("- Need:", "- Choice:", "- Refused:", "- Price:", "- Would change it:"):
            assert line in section, section.splitlines()[0]


def test_the_changelog_says_what_to_do_at_each_upgrade():
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    releases = text.split("\n## ")[1:]

    assert releases[0].startswith(__version__)
    assert all("### When you upgrade\n- " in release for release in releases)


def test_the_version_is_told_once():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

    assert project["version"] == __version__


def test_the_licence_is_the_whole_agpl():
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")

    assert text.startswith("GNU AFFERO GENERAL PUBLIC LICENSE\nVersion 3, 19 November 2007")
    assert "13. Remote Network Interaction" in text
    assert "END OF TERMS AND CONDITIONS" in text


def test_every_make_target_has_its_sentence():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    asked = {"setup", "run", "demo", "quick", "test", "check", "fix", "shots"}

    told = set(re.findall(r"^([a-z]+):.*## \S", makefile, re.MULTILINE))

    assert asked <= told


@pytest.mark.parametrize("shelf", ROOMS)
def test_the_map_names_every_room_in_its_turn(shelf):
    text = (DOCS / "house.md").read_text(encoding="utf-8")
    section = text.split(f"## `{shelf}/`")[1].split("## ")[0]

    assert re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE) == ROOMS[shelf]
