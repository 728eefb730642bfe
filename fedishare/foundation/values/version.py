"""Which release this is, as others are told. A test compares it with `pyproject.toml`."""

VERSION = "0.1.0"
