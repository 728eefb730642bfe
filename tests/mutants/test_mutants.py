"""Every mistake of the list is noticed by the line that it names."""

import pytest

from tests.mutants.trying import MUTANTS, Mutant, all_tried, mutated
from tests.sources import ROOT


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.what)
def test_each_mistake_has_its_place_in_the_code(mutant: Mutant) -> None:
    assert mutated(mutant)


@pytest.mark.real
@pytest.mark.timeout(600)
def test_every_mistake_is_noticed_by_its_line() -> None:
    unnoticed = {
        f"{mutant.line}: {mutant.what}": found.said
        for mutant, found in all_tried(MUTANTS, at_once=1)
        if not found.noticed
    }

    assert not unnoticed


@pytest.mark.real
def test_a_change_that_is_no_mistake_goes_unnoticed() -> None:
    file = "fedishare/federation/vocabulary/limits.py"
    text = (ROOT / file).read_text(encoding="utf-8")
    harmless = Mutant(what="an empty line", file=file, old=text, new=text + "\n", line="A001")

    ((_, found),) = all_tried([harmless])

    assert not found.noticed
    assert found.said.endswith("exit 0")
