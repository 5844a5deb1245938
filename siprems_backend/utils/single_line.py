"""Text that a person typed and a database, a file and a URL must all be able to carry."""

from __future__ import annotations

import unicodedata

# Control characters (NUL among them, which PostgreSQL cannot store), lone surrogates (which UTF-8 cannot
# encode) and line or paragraph separators.
REFUSED = frozenset({"Cc", "Cs", "Zl", "Zp"})


def single_line(text: str, longest: int) -> str:
    """The text in Unicode normal form C, without blanks at its ends.

    Normal form C makes one text of what different keyboards and file systems write as `ü` or as `u` and a
    combining mark.

    Raises:
        ValueError: for control characters, line breaks, and more than `longest` characters.
    """
    cleaned = unicodedata.normalize("NFC", text.strip())
    for position, character in enumerate(cleaned, start=1):
        if unicodedata.category(character) in REFUSED:
            raise ValueError(
                f"Must be one line without control characters; number {position} is U+{ord(character):04X}."
            )
    if len(cleaned) > longest:
        raise ValueError(f"Must be at most {longest} characters long; this has {len(cleaned)}.")
    return cleaned
