"""What an intent of FEP-0837 says: how much of a thing, and what is expected for it, whoever wrote it.

Sources: FEP-0837; CAIP-19 and SLIP-44 (Mitra's coins); Wikidata's names of currencies (Epicyon); the currency as the
unit (flohmarkt). Pure and lenient: what cannot be read is one piece, or nothing in return.
"""

import re
from decimal import Decimal
from typing import Any

from fedishare.features.proposals.model import LONGEST_CONDITIONS, Unit, plain_decimal
from fedishare.federation.vocabulary import reading

LONGEST_UNIT = 60

# Wikidata's items of the currencies that a town in Europe is likely to meet; others are shown by their item.
_CURRENCIES = {
    "Q4916": "EUR", "Q4917": "USD", "Q25224": "GBP", "Q25344": "CHF", "Q1104069": "CAD", "Q259502": "AUD",
    "Q8146": "JPY", "Q122922": "SEK", "Q132643": "NOK", "Q25417": "DKK", "Q131473": "ISK", "Q123213": "PLN",
    "Q131016": "CZK", "Q47190": "HUF", "Q131645": "RON", "Q172540": "BGN", "Q81893": "UAH", "Q172872": "TRY",
    "Q173117": "BRL", "Q4730": "MXN", "Q80524": "INR", "Q39099": "CNY", "Q1472704": "NZD", "Q181907": "ZAR",
}  # fmt: skip
_WIKIDATA = re.compile(r"https?://www\.wikidata\.org/(?:wiki|entity)/(Q[0-9]{1,10})")

# Coins by their number in SLIP-44, and how many decimals their smallest unit stands behind the point.
_COINS = {"0": ("BTC", 8), "60": ("ETH", 18), "128": ("XMR", 12)}
_COIN = re.compile(r"caip:19:[a-z0-9-]{3,8}:[A-Za-z0-9_-]{1,64}/slip44:([0-9]{1,10})")


def quantity(intent: dict[str, Any]) -> tuple[str, str]:
    """What is available of a lot, else the quantity itself; one piece when nothing can be read."""
    for name in ("availableQuantity", "resourceQuantity"):
        amount, unit = measure(intent, name)
        if amount is not None and amount > 0:
            return plain_decimal(amount), unit or Unit.ONE
    return "1", Unit.ONE


def price(terms: dict[str, Any]) -> str:
    """What is expected in return, in words or as `15 EUR`; '' for a gift, and for what costs nothing."""
    reciprocal = reading.full_term(terms, "reciprocal")
    if not isinstance(reciprocal, dict):
        return ""
    named = reading.label(reciprocal.get("name"), cap=LONGEST_CONDITIONS)
    if named:
        return named
    amount, unit = measure(reciprocal, "resourceQuantity")
    thing = reading.label(_id_or_name(reading.full_term(reciprocal, "resourceConformsTo")), cap=LONGEST_CONDITIONS)
    if amount is None or amount < 0:
        return _currency(thing)
    if amount == 0:
        return ""
    return _amount(amount, unit, thing)[: LONGEST_CONDITIONS - LONGEST_UNIT] + _each(terms)


def measure(intent: dict[str, Any], name: str) -> tuple[Decimal | None, str]:
    """Number and unit of one of its quantities, each as far as it can be read."""
    found = reading.full_term(intent, name)
    if not isinstance(found, dict):
        return None, ""
    amount = reading.decimal(reading.full_term(found, "hasNumericalValue"))
    unit = reading.full_term(found, "hasUnit")
    return amount, reading.label(reading.plain(_id_or_name(unit)), cap=LONGEST_UNIT)


def _amount(amount: Decimal, unit: str, thing: str) -> str:
    coin = _COIN.fullmatch(thing)
    if coin and coin[1] in _COINS:
        symbol, decimals = _COINS[coin[1]]
        return f"{plain_decimal(amount.scaleb(-decimals))} {symbol}"
    counted = "" if unit in ("", Unit.ONE) else _currency(unit)
    return " ".join(part for part in (plain_decimal(amount), counted, _currency(thing)) if part)


def _each(terms: dict[str, Any]) -> str:
    """Of what is sold by the second or by the kilogram, the price is that of one of them."""
    intent = reading.full_term(terms, "publishes")
    if not reading.flag(reading.full_term(terms, "unitBased")) or not isinstance(intent, dict):
        return ""
    _, unit = measure(intent, "resourceQuantity")
    return "" if unit in ("", Unit.ONE) else f" / {unit}"


def _currency(thing: str) -> str:
    """By the three letters of ISO 4217 where they are known."""
    item = _WIKIDATA.fullmatch(thing)
    return _CURRENCIES.get(item[1], item[1]) if item else thing


def _id_or_name(value: object) -> object:
    """A unit or a thing may be named, or shown with its name."""
    if not isinstance(value, dict):
        return value
    return next((value[name] for name in ("name", "label", "symbol", "id") if isinstance(value.get(name), str)), None)
