"""The master secret is made once, read by its owner alone, and never mended in silence."""

from pathlib import Path

import pytest

from fedishare.foundation.config.loading import BadSetting
from fedishare.foundation.config.secret_file import (
    begin_replacing,
    end_replacing,
    read_masters,
    read_or_make_masters,
)


def test_the_secret_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "new folder" / "secret.key"

    made = read_or_make_masters(path)

    assert [len(master) for master in made] == [32]
    assert path.stat().st_mode & 0o777 == 0o600
    assert read_or_make_masters(path) == made
    assert [entry.name for entry in path.parent.iterdir()] == ["secret.key"]


def test_a_secret_that_others_may_read_stops_the_start(tmp_path: Path) -> None:
    path = tmp_path / "secret.key"
    read_or_make_masters(path)
    path.chmod(0o640)

    with pytest.raises(BadSetting, match="others may read the master secret"):
        read_or_make_masters(path)


@pytest.mark.parametrize("content", [b"", b"short", b"x" * 33, b"x" * 160])
def test_half_a_secret_is_not_replaced(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "secret.key"
    path.write_bytes(content)
    path.chmod(0o600)

    with pytest.raises(BadSetting, match="not a master secret of 32 bytes"):
        read_or_make_masters(path)
    assert path.read_bytes() == content


def test_a_missing_secret_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadSetting, match="the master secret cannot be read"):
        read_masters(tmp_path / "nowhere")


def test_while_it_is_replaced_the_file_holds_both(tmp_path: Path) -> None:
    path = tmp_path / "secret.key"
    (old,) = read_or_make_masters(path)

    new = begin_replacing(path)

    assert new != old
    assert read_masters(path) == (new, old)
    assert path.stat().st_mode & 0o777 == 0o600
    end_replacing(path)
    assert read_masters(path) == (new,)
    assert [entry.name for entry in tmp_path.iterdir()] == ["secret.key"]


def test_an_interrupted_replacement_goes_on_with_the_same_secret(tmp_path: Path) -> None:
    path = tmp_path / "secret.key"
    read_or_make_masters(path)
    new = begin_replacing(path)

    assert begin_replacing(path) == new
    assert len(read_masters(path)) == 2


def test_a_secret_that_cannot_be_written_is_named_and_stays(tmp_path: Path) -> None:
    """A credential that the system hands over is no file of ours."""
    folder = tmp_path / "secret.key.new"
    path = tmp_path / "secret.key"
    masters = read_or_make_masters(path)
    folder.mkdir()

    with pytest.raises(BadSetting, match="the master secret cannot be written"):
        begin_replacing(path)
    assert read_masters(path) == masters
