"""Compiles the catalogues before the wheel is made: they are not in git, and a wheel without them speaks no French."""

import sys
from importlib import import_module
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class Catalogues(BuildHookInterface):
    """Run by hatchling; see `[tool.hatch.build.hooks.custom]`."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Before anything is packed."""
        sys.path.insert(0, self.root)
        catalogues = import_module("fedishare.foundation.text.catalogues")
        catalogues.CATALOGUE.with_suffix(".mo").write_bytes(catalogues.compiled())
