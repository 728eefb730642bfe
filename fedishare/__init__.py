"""Fedishare: a small server that an association hosts for itself; what its members offer and need, on the fediverse."""

__version__ = "0.1.0"
