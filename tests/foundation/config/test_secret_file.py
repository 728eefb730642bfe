"""The master secret is made once, read by its owner alone, and never mended in silence."""

from pathlib import Path

import pytest

from fedishare.foundation.config.loading import BadSetting
from fedishare.foundation.config.secret_file import read_master, read_or_make_master


def test_the_secret_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "new folder" / "secret.key"

    made = read_or_make_master(path)

    assert len(made) == 32
    assert path.stat().st_mode & 0o777 == 0o600
    assert read_or_make_master(path) == made
    assert [entry.name for entry in path.parent.iterdir()] == ["secret.key"]


def test_a_secret_that_others_may_read_stops_the_start(tmp_path: Path) -> None:
    path = tmp_path / "secret.key"
    read_or_make_master(path)
    path.chmod(0o640)

    with pytest.raises(BadSetting, match="others may read the master secret"):
        read_or_make_master(path)


@pytest.mark.parametrize("content", [b"", b"short", b"x" * 33])
def test_half_a_secret_is_not_replaced(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "secret.key"
    path.write_bytes(content)
    path.chmod(0o600)

    with pytest.raises(BadSetting, match="not a master secret of 32 bytes"):
        read_or_make_master(path)
    assert path.read_bytes() == content


def test_a_missing_secret_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadSetting, match="the master secret cannot be read"):
        read_master(tmp_path / "nowhere")
