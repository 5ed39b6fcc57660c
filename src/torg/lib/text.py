"""Text from outside made fit to keep: NFC, without control characters, and HTML without what could run."""

# ruff: noqa: RUF001  (letters that look like Latin ones are the matter here)
import hashlib
import html
import re
import unicodedata

import nh3

# Surrogates and noncharacters cannot be exchanged as UTF-8; marks of direction that nobody closes turn the
# rest of a page around; the others show nothing. Joiners stay: emoji, Persian and Indic scripts need them.
_SURROGATES_AND_NONCHARACTERS = "\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff"
_INVISIBLE = "\u200b\ufeff\u2060\u202a-\u202e\u2066-\u2069"
_GONE = re.compile(f"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f{_SURROGATES_AND_NONCHARACTERS}{_INVISIBLE}]")
_LINE_END = re.compile("\r\n|[\r\n\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029]")
_SPACES_IN_LINE = re.compile(r"[^\S\n]+")
_WHITE_SPACE = re.compile(r"\s+")
_MARKUP = re.compile("[<>&\xa0]")
_EASY_LINE = re.compile(r"[!-~]+(?: [!-~]+)*")

_ALLOWED_TAGS = nh3.ALLOWED_TAGS - {"map", "area"}
_URL_SCHEMES = {"http", "https", "mailto", "tel"}
_MOST_ROUNDS = 10

_NOT_SLUG = re.compile(r"[^a-z0-9]+")
# Letters that Unicode does not take apart into a Latin letter and its accents.
_SPELLINGS = """
    а a б b в v г g д d е e ж zh з z и i й y к k л l м m н n о o п p р r с s т t у u ф f х kh ц ts ч ch ш sh
    щ shch ы y э e ю yu я ya ё yo і i ї yi є ye ґ g
    α a β v γ g δ d ε e ζ z η i θ th ι i κ k λ l μ m ν n ξ x ο o π p ρ r σ s ς s τ t υ y φ f χ ch ψ ps ω o
    ß ss æ ae œ oe ø o ð d þ th đ d ł l ħ h
"""
_PAIRS = _SPELLINGS.split()
_LATIN = str.maketrans(dict(zip(_PAIRS[::2], _PAIRS[1::2], strict=True)) | {"ъ": "", "ь": "", "\u0131": "i"})
_DIGEST_LENGTH = 10


def clean_line(text: str) -> str:
    """Make one line of plain text: NFC, any white space one space, no control or invisible characters."""
    if _EASY_LINE.fullmatch(text):
        return text
    return _WHITE_SPACE.sub(" ", unicodedata.normalize("NFC", _GONE.sub("", text))).strip()


def clean_text(text: str) -> str:
    """Make plain text of several lines: each as ``clean_line`` makes it, at most one empty between two."""
    text = unicodedata.normalize("NFC", _GONE.sub("", _LINE_END.sub("\n", text)))
    lines = "\n".join(line.strip() for line in _SPACES_IN_LINE.sub(" ", text).split("\n"))
    return re.sub(r"\n{3,}", "\n\n", lines).strip()


def clean_html(text: str) -> str:
    """Make HTML safe to show: what could run is removed, the rest is well-formed and NFC.

    Control characters go. Cleaning what was cleaned changes nothing.
    """
    text = _without_control_characters(text)
    if not _MARKUP.search(text):
        return text
    # Removing a tag can bring together characters that compose, and those can look like a tag; so clean until
    # nothing changes any more. Real text takes two rounds.
    for _ in range(_MOST_ROUNDS):
        cleaned = _without_control_characters(nh3.clean(text, tags=_ALLOWED_TAGS, url_schemes=_URL_SCHEMES))
        if cleaned == text:
            return text
        text = cleaned
    return html.escape(clean_text(text), quote=False)


def _without_control_characters(text: str) -> str:
    return unicodedata.normalize("NFC", _GONE.sub("", _LINE_END.sub("\n", text))).strip()


def slug_from(text: str, max_length: int) -> str:
    """Make a slug of ``a-z0-9-``, never empty, the same for the same text.

    Letters that have no Latin spelling here are told apart by a digest at the end, so names of such letters
    only, or of emoji only, get usable slugs too.
    """
    line = clean_line(text)
    letters = unicodedata.normalize("NFKD", line.casefold().translate(_LATIN))
    spelled = "".join(letter for letter in letters if not unicodedata.combining(letter)).translate(_LATIN)
    slug = _NOT_SLUG.sub("-", spelled).strip("-")
    if slug and not any(letter.isalnum() and not letter.isascii() for letter in spelled):
        return slug[:max_length].rstrip("-")
    digest = hashlib.sha256(line.encode()).hexdigest()[:_DIGEST_LENGTH]
    return f"{slug[: max(max_length - _DIGEST_LENGTH - 1, 0)].rstrip('-')}-{digest}".strip("-")[:max_length]
