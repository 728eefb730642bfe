"""Where the server waits: a port, a socket, and what is said when it cannot have it."""

import socket
import stat
from pathlib import Path

import pytest

from fedishare.foundation.text.translate import in_language
from fedishare.foundation.values.errors import Misconfigured
from fedishare.surfaces.cli.listening import listen_on


def test_a_port_that_is_taken_is_named_with_another_to_try() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        address = f"127.0.0.1:{other.getsockname()[1]}"

        with in_language("en"), pytest.raises(Misconfigured) as caught:
            listen_on(address)

    assert f"FEDISHARE_LISTEN={address}: nobody can listen there" in str(caught.value)
    assert "another program uses it" in str(caught.value)
    assert f"127.0.0.1:{int(address.rpartition(':')[2]) % 65535 + 1}" in str(caught.value)


def test_a_socket_left_behind_by_a_killed_server_is_taken_over(tmp_path: Path) -> None:
    path = tmp_path / "fedishare.sock"
    for listener in listen_on(f"unix:{path}"):
        listener.close()
    assert path.exists()

    (listener,) = listen_on(f"unix:{path}")

    with listener, socket.socket(socket.AF_UNIX) as proxy:
        proxy.connect(str(path))
    assert stat.S_IMODE(path.stat().st_mode) == 0o660


def test_a_file_in_the_place_of_the_socket_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "letters.txt"
    path.write_text("dear town hall")

    with pytest.raises(Misconfigured, match="FEDISHARE_LISTEN"):
        listen_on(f"unix:{path}")

    assert path.read_text() == "dear town hall"


def test_both_families_of_addresses_are_understood() -> None:
    for address in ("127.0.0.1:0", "[::1]:0"):
        (listener,) = listen_on(address)
        with listener:
            assert listener.getsockname()[1] > 0
