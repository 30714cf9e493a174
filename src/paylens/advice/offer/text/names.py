"""Who offers what where: the employer, the role and the place, only as the text names them."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from paylens.advice.offer.text.amounts import table
from paylens.contract.vocabularies import roles, seniorities
from paylens.places.geography import Place, lookup_city

__all__ = ["Name", "employer_of", "place_of", "role_of", "seniority_of"]

_MOST_TRIED = 400
_CAP = r"(?<!\w)[A-Z\u00c0-\u00de][\w&'\u2019.-]{0,40}"
_PLACE = (
    rf"{_CAP}(?:[ \n-](?:am |an der |sur |aan den |de |of )?{_CAP}){{0,3}}(?:, ?{_CAP}(?: {_CAP}){{0,2}})?"
)
# Ways in which a text says where the work is, the surest first.
_PLACES: Final = tuple(
    re.compile(pattern, re.MULTILINE)
    for pattern in (
        (
            r"(?:^[ *•\t-]{0,20}|[.;|] )(?i:location|base location|place|city|work location|place of work|office|standort|arbeitsort|lieu|lieu de travail|standplaats|"
            r"ubicación|lugar|勤務地|based)(?:\s*[:：|]\s*| {3,})(?P<labelled>[^\n]{2,80})"
        ),
        (
            rf"\b(?i:based in|einsatzort:?|dienstort:?|arbeitsort:?|standort:?|base location:?|located in|place of work is|office in|offices in|position in|role in)\s+(?P<x>{_PLACE})"
            rf"|\b(?:our|the|unserem|unser)\s+(?P<y>{_PLACE})\s+(?i:office|büro|hub|site|campus|headquarters|hq|location)\b"
        ),
        rf"\b(?:[Ii]n|[Aa]t|à|en|te|a|nach|@)\s+(?:the\s|our\s)?(?:[0-9]{{4,5}} )?(?P<x>{_PLACE})",
        rf"(?:^|[,(|\u2013\u2014@/]|\s-)[ ]{{0,4}}(?:[0-9]{{4,5}} )?(?P<x>{_PLACE})(?: [0-9]{{1,5}}(?:er|e|ème)?)?\s?(?=[,.:)|\n\u2013\u2014(]|\s-|$)",
        # Not at the head of a line: letters are signed by people called Charlotte and Austin.
        rf"(?:[,(|\u2013\u2014@/]|\s-|[.!] )[ ]{{0,4}}(?:[0-9]{{4,5}} )?(?P<x>{_PLACE})(?: [0-9]{{1,5}}(?:er|e|ème)?)?\s?(?=[,.:)|\n\u2013\u2014(]|\s-|$)",
    )
)
_FORMS = (
    r"Inc\.?|LLC|L\.L\.C\.|Ltd\.?|Limited|GmbH & Co\. KG|GmbH|AG|SE|KG|B\.V\.|BV|N\.V\.|SAS|S\.A\.S\.|SA|S\.A\.|S\.L\.|SL|"
    r"SARL|S\.r\.l\.|plc|PLC|Pte\.? Ltd\.?|Pvt\.? Ltd\.?|Private Limited|Pty\.? Ltd\.?|Corp\.?|Corporation"
)
_FORM_FIRST: Final = re.compile(rf".*?\s(?:{_FORMS})(?!\w)")
_SHORT_FORM: Final = re.compile(r"\b(?:Inc|Corp|B\.V|N\.V|S\.L|S\.A)$")
_FORM_LAST: Final = re.compile(rf"(?:{_FORMS})$")
_FIRM = rf"(?P<x>{_CAP}(?:\s(?:(?:of|de|&|et|und)\s|d'|l')?(?!(?:I|We|You|The)\b){_CAP}){{0,5}}?(?:,?\s(?:{_FORMS})(?![\w]))?)"
_OFFERS = (
    r"(?i:(?:is|are) (?:very )?(?:pleased|delighted|happy|excited|thrilled|proud|hiring)|would (?:like|love)|offers you|wishes to|"
    r"extends|is offering|is looking|freut sich|vous propose|biedt|möchte)"
)
_EMPLOYERS: Final = tuple(
    re.compile(pattern, re.MULTILINE)
    for pattern in (
        (
            r"^[ *•\t-]{0,20}(?i:company|employer|hiring company|société|entreprise|employeur|empresa|firma|arbeitgeber|unternehmen|werkgever|"
            r"bedrijf|会社名|会社)(?:\s*[:：|]\s*| {3,})(?P<labelled>[^\n(|]{2,80})"
        ),
        rf"(?:^|[.,!:;]\s|\b(?:that|die|Die|The|news,)\s){_FIRM}\s+{_OFFERS}",
        rf"\b(?i:offer [^.\n]{{0,40}}from|on behalf of|namens|im namen der|au nom de|offer from|interviewing with|join us at|to join|joining|employment with)\s+{_FIRM}(?=\s(?:(?:I|We)\b|(?!{_CAP}))|[.,!:;\n])",
        rf"\b(?:at|with|bij|chez|au sein de)\s+{_FIRM}(?=\s(?:in|as|on|based|to|will|is|and|te|à|a|,)\b|[.,!:;\n])",
        # German writes every noun with a capital: 'bei Zielerreichung' is no firm, 'bei Nordlicht in Bonn' is.
        rf"\b(?:bei der|bei)\s+{_FIRM}(?=\s(?:in|als|anzubieten|zu)\b)",
        rf"^[ ]{{0,40}}(?P<x>{_CAP}(?:[ &]{{1,2}}(?:[a-z]{{1,3}} |d'|l')?{_CAP}){{0,5}},?\s(?:{_FORMS}))(?!\w)",
        rf"(?P<x>{_CAP}(?:[ &]{{1,2}}(?:d'|l')?{_CAP}){{0,5}},?\s(?:{_FORMS}))(?!\w)",
        rf"^(?P<x>{_CAP}(?: {_CAP}){{1,3}})(?= \| )",
    )
)
_ROLE_CUE: Final = re.compile(
    r"\b(?:position of|role of|post of|position as|employment as|work as|join as|start as|you as|as an?|as|role|position|title|job title|"
    r"stelle als|als|poste de|poste|qualité d[e']|functie|functie van|puesto de|puesto|hiring|職種|for the)\s*[:：|]?\s*$",
    re.IGNORECASE,
)
_WORD: Final = re.compile(r"[\w+#/.&'-]*[\w+#]")
_CITY_BEFORE: Final = re.compile(rf"({_CAP}(?: {_CAP}){{0,2}}), ?$")
_NEXT_PLACE: Final = re.compile(
    rf"(?:, | / |,? (?:and|or|und|oder|et|ou|en|of|y|o) )(?P<x>{_CAP}(?: {_CAP})?)(?=[\s,.;:)]|$)"
)
_MOST_LISTED = 4
_MOST_WORDS = 6
_HEAD_LINES = 4
_SHORTEST_LAST = 4
_ARTICLE: Final = re.compile(
    r"^(?:(?:Angebot|Vertrag|Offer|Offre|Oferta|Aanbod) (?:der|von|of|from|de|van) |(?:Die|Der|Das) )(?=[A-Z])"
)
_GRADES: Final = frozenset({"junior", "jr", "senior", "sr", "staff", "principal"})
_TITLE_WORDS = frozenset(
    {
        "engineer",
        "scientist",
        "researcher",
        "analyst",
        "developer",
        "architect",
        "manager",
        "director",
        "consultant",
    }
    | {"specialist"}
)


@dataclass(frozen=True, slots=True)
class Name:
    """A name and the characters of the text that say it; `others` are what it could be as well."""

    value: str
    start: int
    end: int
    others: tuple[str, ...] = ()


def place_of(text: str) -> tuple[Name | None, Place | None]:
    """Where the job is: the surest way of saying that names a known place; its other places of like sureness.

    A name that several countries have is the one whose money the text writes: Manchester where it says '£'.
    """
    home = _home(text)
    head = 0
    for _ in range(2):
        head = text.find("\n", head + 1) if head >= 0 else -1
    for pattern, within in (
        (_PLACES[0], text),
        (_PLACES[1], text),
        (_PLACES[3], text[: head + 1 or 500]),
        (_PLACES[2], text),
        (_PLACES[4], text),
    ):
        found: dict[str, tuple[Name, Place]] = {}
        for match in _some(pattern, within):
            group = "labelled" if "labelled" in pattern.groupindex else "x" if match["x"] else "y"
            written = match[group] if group == "labelled" else " ".join(match[group].split())
            known = _known_place(written, home)
            if known is not None:
                start = match.start(group)
                known, start = _with_city(within, start, known)
                for label, place, at in ((*known, start), *_listed(within, start, known)):
                    found.setdefault(place.id, (Name(label, at, at + len(label)), place))
        if found:
            return _one_place(list(found.values()))
    return None, None


def _with_city(text: str, start: int, known: tuple[str, Place]) -> tuple[tuple[str, Place], int]:
    """'Denver, Colorado' where only 'Colorado' was found."""
    before = _CITY_BEFORE.search(text, max(0, start - 60), start)
    if known[1].kind in ("state", "country") and before:
        name = f"{before.group(1)}, {known[0]}"
        place = lookup_city(name)
        if place is not None and place.kind in ("city", "metro"):
            return (name, place), before.start(1)
    return known, start


def _listed(text: str, start: int, known: tuple[str, Place]) -> Iterator[tuple[str, Place, int]]:
    """Further cities of a list: 'in London, Paris or Berlin'."""
    at = text.find(known[0].partition(",")[0], start)
    at += len(known[0]) if text.startswith(known[0], at) else len(known[0].partition(",")[0])
    for _ in range(_MOST_LISTED):
        match = _NEXT_PLACE.match(text, at)
        if at < 0 or match is None:
            return
        name = match["x"].partition(". ")[0].rstrip(".")
        place = lookup_city(name)
        if place is None or place.kind not in ("city", "metro"):
            return
        yield name, place, match.start("x")
        at = match.start("x") + len(name)


def _home(text: str) -> tuple[str, ...]:
    """The countries whose money the text writes; none where it writes that of several."""
    rows = [row for row in table("homes.csv") if any(sign in text for sign in row["signs"].split("|"))]
    # 'C$' and 'S$' hold the sign that the dollar countries share, and say more.
    found = [row for row in rows if row["signs"] != "$"] or rows
    return tuple(found[0]["countries"].split("|")) if len(found) == 1 else ()


def _one_place(found: list[tuple[Name, Place]]) -> tuple[Name, Place | None]:
    """The finest where one holds the other ('Cork, Ireland' and 'Ireland'), else the first with the others."""
    fine = [
        f
        for f in found
        if f[1].kind != "country" or not any(o[1].country == f[1].id for o in found if o is not f)
    ]
    (name, place), *rest = fine
    if not rest:
        return name, place
    countries = {p.country for _, p in fine}
    return Name(name.value, name.start, name.end, tuple(n.value for n, _ in rest)), place if len(
        countries
    ) == 1 else None


def _known_place(text: str, home: tuple[str, ...]) -> tuple[str, Place] | None:
    """The longest beginning of a text that names a place, never a whole region of the world."""
    head = re.split(r"[(\n;|\u2013\u2014]| - |(?<=\w)(?<!\bSt)\. ", text)[0].strip(" .,:")
    tries = [head]
    while len(tries) < 8 and (cut := re.sub(r"[\s,-]+[^\s,-]+$", "", tries[-1])) != tries[-1]:
        tries.append(cut)
    inner = re.search(r"\(([^)]{2,40})\)", text)
    tries += [inner.group(1)] if inner else []
    tries += [head.rpartition(",")[2]] if "," in head else []
    for one in tries:
        name = re.sub(r"['\u2019]s$", "", one.strip(" .,"))
        if 2 <= len(name) <= 80 and name.casefold() not in _no_names("place"):
            found = _place_named(name, home)
            if found is not None:
                return found
    return None


def _place_named(name: str, home: tuple[str, ...]) -> tuple[str, Place] | None:
    place = lookup_city(name)
    if place is None and home:
        found = [p for country in home if (p := lookup_city(name, country)) and p.kind in ("city", "metro")]
        if len(found) != 1:
            return None
        place = found[0]
        name = place.label
    if place is None or place.kind not in ("city", "metro", "state", "country"):
        return None
    if place.kind in ("state", "country"):
        # 'X, CA' where X is no known city is that state; a title before it is no place.
        if "," in name and lookup_city(name.partition(",")[0]) is None:
            return None
        if len(name) <= 2 and name not in ("UK", "US"):
            return None
    return name, place


def employer_of(text: str, role: Name | None) -> Name | None:
    """Who offers, where the text says so in one of a few ways; None when it only may be somebody's name."""
    for pattern in _EMPLOYERS:
        for match in _some(pattern, text):
            group = "labelled" if "labelled" in pattern.groupindex else "x"
            name = " ".join(match[group].split()).strip(" ,:;-")
            if group == "labelled":
                form = _FORM_FIRST.match(name)
                name = form.group() if form else re.split(r"[.;] ", name)[0]
            if _SHORT_FORM.search(name) and text[match.end(group) : match.end(group) + 1] == ".":
                name += "."
            if not _FORM_LAST.search(name):
                name = name.rstrip(".")
            name = _ARTICLE.sub("", name)
            words = name.split()
            while len(words) > 2 and words[0].casefold() in _no_names("firm") and _FORM_LAST.search(name):
                del words[0]
                name = " ".join(words)
            if (
                not name
                or len(name) > 80
                or words[0].casefold() in _no_names("firm")
                or name.casefold() in _no_names("place")
            ):
                continue
            if roles().lookup(name) or (role and role.value in name) or lookup_city(name) is not None:
                continue
            return Name(name, match.start(group), match.end(group))
    return None


def role_of(text: str) -> Name | None:
    """The job's title: one the vocabulary of roles knows, after a word such as 'position of', in the first lines, or
    the first anywhere; the longest that begins there."""
    ranked = sorted(_titles(text), key=lambda found: (found[0], found[1].start))
    return ranked[0][1] if ranked else None


def _titles(text: str) -> Iterator[tuple[int, Name]]:
    head = sum(len(line) for line in text.splitlines(keepends=True)[:_HEAD_LINES])
    words = list(_WORD.finditer(text[:200_000]))
    at = tried = 0
    while at < len(words) and tried < _MOST_TRIED * 10:
        first = words[at]
        found = None
        if not first.group()[0].islower() or first.group() in ("machine", "data", *_english()):
            tried += 1
            found = _longest(text, words, at)
        if found is None:
            at += 1
            continue
        name, length = found
        cued = bool(_ROLE_CUE.search(text[max(0, first.start() - 30) : first.start()]))
        yield (0 if cued else 1 if first.start() < head else 2), name
        at += length


def _longest(text: str, words: list[re.Match[str]], at: int) -> tuple[Name, int] | None:
    most = 1
    while most < _MOST_WORDS and at + most < len(words):
        gap = text[words[at + most - 1].end() : words[at + most].start()]
        short = gap == ". " and words[at + most - 1].group() in ("Sr", "Jr")
        if gap not in (" ", "\n", "-", " / ") and not short:
            break
        most += 1
    for n in range(most, 0, -1):
        start, end = words[at].start(), words[at + n - 1].end()
        written = " ".join(text[start:end].split())
        last = words[at + n - 1].group()
        if (last.islower() and len(last) < _SHORTEST_LAST) or last.casefold() in (
            "remote",
            "hybrid",
            "contract",
            "role",
        ):
            continue
        title = _title(written)
        if title is not None:
            return Name(title, start, end), n
    return None


@functools.lru_cache(maxsize=8192)
def _title(written: str) -> str | None:
    """A title as written, or in English where it was not; None when the vocabulary has no such role."""
    translated = [_english().get(word.casefold(), word) for word in written.split()]
    if translated == written.split():
        plain = set(re.split(r"[\s/-]+", written.casefold()))
        return written if plain & _TITLE_WORDS and roles().lookup(written) else None
    words = [word for word in translated if word]
    # 'Ingénieur machine learning' is a machine learning engineer.
    orders = (
        ([w for w in words if w != "engineer"] + ["engineer"], words) if "engineer" in words else (words,)
    )
    for order in orders:
        id = roles().lookup(" ".join(order)) if len(order) > 1 or " " in " ".join(order) else None
        if id is not None:
            grade = [w for w in words if w.casefold() in _GRADES]
            return " ".join([*(g.capitalize() for g in grade), roles()[id].label])
    return None


@functools.cache
def _english() -> dict[str, str]:
    return {row["word"]: row["english"] for row in table("role_words.csv")}


def seniority_of(role: Name) -> str | None:
    """The level that the title itself says; 'lead' says two things and is left out."""
    for word in role.value.split():
        if word.casefold().strip(".,") in _GRADES:
            return seniorities().lookup(word)
    return None


@functools.cache
def _no_names(what: str) -> frozenset[str]:
    """Words that begin sentences, and words that are also the name of some town."""
    return frozenset(next(row["words"] for row in table("no_names.csv") if row["not"] == what).split("|"))


def _some(pattern: re.Pattern[str], text: str) -> Iterator[re.Match[str]]:
    for n, match in enumerate(pattern.finditer(text)):
        if n >= _MOST_TRIED:
            return
        yield match
