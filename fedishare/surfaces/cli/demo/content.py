"""Who and what is in the two sites of the demo. People, associations and listings are invented; the places are real."""

import json
from functools import cached_property
from importlib import resources
from typing import Any

from msgspec import Struct


class Owner(Struct, frozen=True, kw_only=True):
    """Somebody who publishes. `key` is the mark in the file of listings, and the local name unless it is the site's."""

    key: str
    name: str


class Site(Struct, frozen=True, kw_only=True, dict=True):
    """One of the two. The owner whose key is the site's own is the association itself."""

    key: str
    name: str
    place: str
    base_url: str
    listen: str
    admin: str
    admin_name: str
    password: str
    owners: tuple[Owner, ...]

    @cached_property
    def listings(self) -> list[dict[str, Any]]:
        """As in the file of the site's name: who, what, where, in their words."""
        text = resources.files(__package__).joinpath(f"{self.key}.ndjson").read_text(encoding="utf-8")
        return [json.loads(line) for line in text.splitlines()]

    @property
    def count(self) -> int:
        return len(self.listings)


REMISE = Site(
    key="remise",
    name="La Remise de Wazemmes",
    place="Lille",
    base_url="http://localhost:8001",
    listen="127.0.0.1:8001",
    admin="nadia",
    admin_name="Nadia",
    password="la clé est sous le paillasson",  # noqa: S106  # the demo prints it for everybody
    owners=(
        Owner(key="potager", name="Le Potager de Moulins"),
        Owner(key="rouage", name="L’Atelier du Petit Rouage"),
        Owner(key="jeux", name="La Grange aux Jeux"),
        Owner(key="mains", name="Les Mains Utiles"),
        Owner(key="cuisine", name="La Cuisine de la Deûle"),
    ),
)

HANGAR = Site(
    key="hangar",
    name="Le Hangar de Fives",
    place="Lille",
    base_url="http://127.0.0.1:8002",
    listen="127.0.0.1:8002",
    admin="tomasz",
    admin_name="Tomasz",
    password="le hangar ouvre à dix heures",  # noqa: S106  # the demo prints it for everybody
    owners=(
        Owner(key="tuyau", name="Le Bon Tuyau"),
        Owner(key="temps", name="Temps Partagé de Roubaix"),
        Owner(key="navette", name="La Navette Solidaire"),
        Owner(key="choeur", name="Chœur et Cordes"),
        Owner(key="terre", name="Terre à Tous"),
    ),
)

SITES = (REMISE, HANGAR)
