"""What must hold while everything falls: short forms with all tests, long ones with `make torture`."""

import os

WHOLE = os.environ.get("FEDISHARE_TORTURE") == "on"
"""Whether there are minutes instead of seconds."""
