"""Lists of servers that travel: Mastodon's CSV in and out, and what stands in it that is none."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from fedishare.federation.policy import lists
from fedishare.federation.policy.domains import Rule, Verdict
from fedishare.foundation.values.errors import Invalid

MASTODON = """#domain,#severity,#reject_media,#reject_reports,#public_comment,#obfuscate
liars.example,suspend,false,false,"Lies, and more",false
loud.example,silence,false,false,,false
pictures.example,noop,true,false,only pictures,false
quiet.example,noop,false,true,,false
li**s.example,suspend,false,false,hidden,true
other.example,explode,false,false,,false

"""


def test_a_list_of_mastodon_is_read_line_by_line():
    found = lists.read_list(MASTODON, severity=Verdict.BLOCK)

    assert [(rule.subject, rule.severity.value, rule.comment) for rule in found.rules] == [
        ("liars.example", "block", "Lies, and more"),
        ("loud.example", "limit", ""),
        ("pictures.example", "limit", "only pictures"),
    ]
    assert [(one.line, one.text) for one in found.skipped] == [
        (5, "quiet.example"),
        (6, "li**s.example"),
        (7, "other.example"),
    ]


@pytest.mark.parametrize("head", ["#domain\n", "domain\n", "\ufeff#domain\n", ""])
def test_a_list_of_domains_alone_gets_the_severity_that_was_asked_for(head: str):
    found = lists.read_list(head + "friend.example\nFRIEND.example.\n", severity=Verdict.ALLOW)

    assert [(rule.subject, rule.severity) for rule in found.rules] == [("friend.example", Verdict.ALLOW)]


def test_what_is_written_is_read_again_as_it_was():
    rules = [
        Rule(subject="liars.example", severity=Verdict.BLOCK, comment='Says "no",\nand lies'),
        Rule(subject="loud.example", severity=Verdict.LIMIT),
        Rule(subject="friend.example", severity=Verdict.ALLOW, note="ours"),
        Rule(subject="https://else.example/users/mallory", severity=Verdict.BLOCK),
    ]

    blocked = lists.read_list(lists.write_list(rules), severity=Verdict.ALLOW)
    allowed = lists.read_list(lists.write_allowed(rules), severity=Verdict.ALLOW)

    assert list(blocked.rules) == rules[:2]
    assert [rule.subject for rule in allowed.rules] == ["friend.example"]
    assert not blocked.skipped
    assert lists.write_list(rules).splitlines()[0] == MASTODON.splitlines()[0]


def test_no_comment_becomes_a_formula_in_a_spreadsheet():
    written = lists.write_list([Rule(subject="liars.example", severity=Verdict.BLOCK, comment="=cmd()")])

    assert "'=cmd()" in written


def test_a_list_without_end_is_refused():
    with pytest.raises(Invalid):
        lists.read_list("a.example\n" * (lists.MOST + 1), severity=Verdict.BLOCK)


@given(some.text(max_size=400))
def test_no_file_makes_the_reader_stumble(text: str):
    try:
        found = lists.read_list("#domain,#severity\n" + text, severity=Verdict.BLOCK)
    except Invalid:
        return
    assert len({rule.subject for rule in found.rules}) == len(found.rules)
    written = [rule for rule in found.rules if "://" not in rule.subject and rule.severity is not Verdict.ALLOW]
    again = lists.read_list(lists.write_list(written), severity=Verdict.BLOCK)
    assert [rule.subject for rule in again.rules] == [rule.subject for rule in written]


def test_what_no_program_reads_as_a_table_is_refused_whole():
    with pytest.raises(Invalid) as refused:
        lists.read_list('"' + "x" * 200_000 + '"', severity=Verdict.BLOCK)

    assert refused.value.problems == {"list": "This is no list in CSV."}
