"""The words that click says by itself, so that they stand in our catalogue and are said in the reader's language.

click asks Python's gettext for them, in whichever domain and language it is told: that is done here, once a process.
"""

import gettext

from fedishare.foundation.config.loading import tell_libraries_language
from fedishare.foundation.text.translate import LOCALE, N_


def NN_(one: str, many: str) -> tuple[str, str]:
    """As `N_`, for a sentence with a plural."""
    return one, many


WORDS = (
    N_("Usage:"),
    N_("Positional arguments"),
    N_("Commands"),
    N_("Show this message and exit."),
    N_("Try '{command} {option}' for help."),
    N_("Error: {message}"),
    N_("Invalid value: {message}"),
    N_("Invalid value for {param_hint}: {message}"),
    NN_("Got unexpected extra argument ({args})", "Got unexpected extra arguments ({args})"),
    N_("Missing command."),
    N_("Missing argument"),
    N_("Missing option"),
    N_("Missing parameter"),
    N_("No such command {name!r}."),
    N_("No such option {name!r}."),
    N_("Option {name!r} does not take a value."),
    N_("Choose from:\n\t{choices}"),
    N_("Repeat for confirmation"),
    N_("Error: The two entered values do not match."),
    N_("default: {default}"),
    N_("required"),
    N_("{name} {filename!r} does not exist."),
    N_("{name} {filename!r} is a directory."),
    N_("{name} {filename!r} is not readable."),
    N_("{value!r} is not a valid {number_type}."),
    N_("{value} is not in the range {range}."),
    NN_("{value!r} is not {choice}.", "{value!r} is not one of {choices}."),
    NN_("Did you mean {possibility}?", "(Did you mean one of: {possibilities}?)"),
)


def speak_click(language: str) -> None:
    """From here on click says its own words in this language."""
    tell_libraries_language(language)
    gettext.bindtextdomain("fedishare", LOCALE)
    gettext.textdomain("fedishare")
