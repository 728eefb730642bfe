"""The run finds what it looks for: readers that raise, take long, or change their mind are each noticed."""

import time

from tests.fuzz.__main__ import PARSERS, main
from tests.fuzz.parser import Parser, text_of
from tests.fuzz.running import Count, input_of, run

SEEDS = (b'{"id": "https://good.test/n", "content": "<p>Bonjour</p>"}',)


def fuzzed(read, declared=()) -> Count:
    careless = Parser(name="careless", read=read, declared=declared, seeds=SEEDS, harmless=text_of)
    (count,) = run([careless], seconds=2, seed=1)
    return count


def test_who_raises_what_is_not_declared_is_found():
    def read(raw: bytes) -> str:
        return raw.decode("utf-8")

    assert "UnicodeDecodeError" in fuzzed(read).troubles[0].why
    declared = fuzzed(read, declared=(UnicodeDecodeError,))
    assert declared.troubles == []
    assert 0 < declared.read < declared.executions


def test_who_takes_long_over_something_is_found():
    def read(raw: bytes) -> None:
        begun = time.thread_time()
        while raw.count(b"<") > 2 and time.thread_time() < begun + 0.2:
            pass

    assert "ms where a harmless one takes" in fuzzed(read).troubles[0].why


def test_who_is_slow_with_everything_of_its_size_is_not():
    def read(raw: bytes) -> None:
        begun = time.thread_time()
        while time.thread_time() < begun + 0.06:
            pass

    assert fuzzed(read).troubles == []


def test_who_makes_another_thing_of_its_own_result_is_found():
    def read(raw: bytes) -> None:
        assert raw.replace(b"<<", b"<") == raw, "not the same twice"

    assert fuzzed(read).troubles[0].why.startswith("AssertionError: not the same twice")


def test_a_seed_and_a_number_make_the_same_input_again():
    for parser in PARSERS:
        made = [input_of(parser, 7, number) for number in range(50)]
        assert made == [input_of(parser, 7, number) for number in range(50)]
        assert made[len(parser.seeds) :] != [
            input_of(parser, 8, number) for number in range(len(parser.seeds), 50)
        ] or (len(parser.seeds) >= 50)


def test_every_reader_reads_some_of_its_own_seeds(capsys):
    counts = run(PARSERS, seconds=3, seed=1, most_s=1)

    assert [trouble for count in counts for trouble in count.troubles] == []
    assert [count.parser for count in counts if not count.read] == []


def test_the_command_says_which_seed_it_was_and_shows_an_input_again(capsys):
    assert main(["--seconds", "0.1", "--seed", "12", "--only", "date"]) == 0
    assert "seed 12" in capsys.readouterr().out
    assert main(["--seed", "12", "--only", "date", "--number", "3"]) == 0
    assert repr(input_of(next(one for one in PARSERS if one.name == "date"), 12, 3)) in capsys.readouterr().out
