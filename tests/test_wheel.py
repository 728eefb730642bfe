"""What is installed from a wheel is whole: schema, words, pages, places, all of it made from a clean copy."""

import subprocess
import sys
import zipfile

import pytest

from tests.sources import ROOT

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """Built as an installer builds it, from what git has and nothing else."""
    copy, made = tmp_path_factory.mktemp("copy"), tmp_path_factory.mktemp("wheel")
    for name in subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True).stdout.splitlines():
        if (ROOT / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            (copy / name).write_bytes((ROOT / name).read_bytes())
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(made), str(copy)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return zipfile.ZipFile(next(made.glob("*.whl")))


@pytest.mark.timeout(400)
def test_the_wheel_holds_everything_an_instance_needs(wheel: zipfile.ZipFile) -> None:
    packed = {name for name in wheel.namelist() if ".dist-info" not in name}
    sources = [path for path in (ROOT / "fedishare").rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    wanted = {str(path.relative_to(ROOT)) for path in sources}
    wanted |= {f"fedishare/migrations/{path.name}" for path in (ROOT / "migrations").glob("*.sql")}

    assert "fedishare/locale/fr/LC_MESSAGES/fedishare.mo" in packed
    assert "fedishare/migrations/0001_setting.sql" in packed
    assert packed == wanted


def test_the_wheel_carries_its_licence(wheel: zipfile.ZipFile) -> None:
    licence = next(name for name in wheel.namelist() if name.endswith("licenses/LICENSE"))

    assert wheel.read(licence).decode() == (ROOT / "LICENSE").read_text(encoding="utf-8")
