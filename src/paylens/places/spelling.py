"""How names of places are compared: without case, accents and punctuation; St is Saint."""

import unicodedata

__all__ = ["key"]

# Letters that Unicode does not take apart into a letter and an accent.
_LETTERS = str.maketrans(
    {
        "ø": "o",
        "ł": "l",
        "đ": "d",
        "ð": "d",
        "\N{LATIN SMALL LETTER DOTLESS I}": "i",
        "æ": "ae",
        "œ": "oe",
        "þ": "th",
    }
)
# Apostrophes (straight, curly, modifier letters) and dots vanish; other marks part words.
_APART = ',;:()[]{}/\\|-_"!?*#+\u2013\u2014\u201c\u201d'
_MARKS = str.maketrans(
    dict.fromkeys("'`.\u2018\u2019\u00b4\u02bb\u02bc") | dict.fromkeys(_APART, " ") | {"&": " and "}
)
_SHORT = {"saint": "st", "sainte": "ste", "mount": "mt", "fort": "ft"}


def key(text: str) -> str:
    """The form in which spellings are equal: 'St. Louis' and 'SAINT LOUIS', 'Zürich' and 'zurich'."""
    text = text.casefold()
    if not text.isascii():
        text = unicodedata.normalize("NFKD", text.translate(_LETTERS))
        text = "".join(c for c in text if not unicodedata.combining(c))
    words = [_SHORT.get(word, word) for word in text.translate(_MARKS).split()]
    if len(words) > 1:
        if words[0] == "the":
            del words[0]
        elif words[0] == "mc":  # 'Mc Lean' and 'McLean'
            words[:2] = ["mc" + words[1]]
    return " ".join(words)
