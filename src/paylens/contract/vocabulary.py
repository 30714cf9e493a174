"""A closed vocabulary: entries with aliases, found exactly, by alias, or by similarity."""

import csv
import functools
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from io import StringIO

from rapidfuzz import fuzz, process

from paylens.contract.errors import InputError, shown

__all__ = ["Entry", "Match", "Vocabulary", "normalise"]

# Similarities below 1 tell how a match was made; an alias is always 1.
_REWRITTEN = 0.97
_WITHOUT_GRADE = 0.95
# Spelling: how alike (0 to 100) two words, or names of more words, must be, and how long to be compared.
_ALIKE = 80
_ALIKE_LONG = 88
_SHORTEST_CORRECTED = 4
_LONGEST = 200
_CACHE = 65536

_APOSTROPHES = re.compile("['`\u2019\u2018\u00b4]")
_DOTS_IN_WORDS = re.compile(r"(?<!\d)\.|\.(?!\d)")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}\b)")
_BREAKS = re.compile(r"[^\w+#.]+|_+")


@dataclass(frozen=True)
class Entry:
    """One word of a vocabulary; `attributes` are the other columns of its table."""

    id: str
    label: str
    aliases: tuple[str, ...]
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Match:
    """What was asked and the entry it was matched to; `score` from 0 to 1, 1 for a name or an alias."""

    asked: str
    id: str
    label: str
    score: float


@functools.lru_cache(maxsize=_CACHE)
def normalise(text: str) -> str:
    """Lower case, no accents, no punctuation but + and #, single spaces: 'C++ / Node.js' is 'c++ nodejs'."""
    if not text.isascii():
        text = unicodedata.normalize("NFKD", text)
        text = "".join(c for c in text if not unicodedata.combining(c))
    text = _APOSTROPHES.sub("", text.casefold()).replace("&", " and ")
    text = _THOUSANDS.sub("", text)
    text = _DOTS_IN_WORDS.sub("", text)
    return _BREAKS.sub(" ", text).strip()


class Vocabulary:
    """A closed list of entries.

    `rewrites` are words that stand for others ('eng' for 'engineer'); `grades` words that say nothing of
    which entry is meant ('senior' in a role, 'Inc' in an employer's name); `generic` words that many entries
    share ('engineer'), which count for less in a likeness; `blanks` labels that answer nothing ('I prefer not
    to say'); `contained` how many words a name must have to be recognised in a longer text (0: never).
    """

    def __init__(
        self,
        name: str,
        entries: Iterable[Entry],
        *,
        rewrites: Mapping[str, str] | None = None,
        grades: Iterable[str] = (),
        generic: Iterable[str] = (),
        blanks: Iterable[str] = (),
        contained: int = 1,
    ) -> None:
        self.name = name
        self.entries = tuple(entries)
        self.ids = tuple(entry.id for entry in self.entries)
        self._by_id = {entry.id: entry for entry in self.entries}
        self._rewrites = dict(rewrites or {})
        self._grades = frozenset(grades)
        self._generic = frozenset(generic)
        self._contained = contained
        self._blanks = frozenset(normalise(text) for text in blanks)
        self._exact: dict[str, str] = {}
        for entry in self.entries:
            for text in (entry.id, entry.label, *entry.aliases):
                key = normalise(text)
                if self._exact.setdefault(key, entry.id) != entry.id or key in self._blanks:
                    raise ValueError(f"{name}: {text!r} of {entry.id} also names {self._exact[key]}")
        self._rewritten = {self._rewrite(key): id for key, id in reversed(self._exact.items())}
        self._find: Callable[[str], str | None] = functools.lru_cache(maxsize=_CACHE)(self._lookup)
        self._best: Callable[[str], tuple[str, float] | None] = functools.lru_cache(maxsize=_CACHE)(
            self._match
        )

    def __getitem__(self, id: str) -> Entry:
        return self._by_id[id]

    def __contains__(self, id: object) -> bool:
        return id in self._by_id

    def __len__(self) -> int:
        return len(self.entries)

    def is_blank(self, text: str) -> bool:
        """Whether the text is a label that answers nothing: 'I prefer not to say'."""
        return normalise(text) in self._blanks

    def lookup(self, text: str) -> str | None:
        """The id that a text names, or None: exact but for case, punctuation and spaces, known short forms
        ('Sr.', 'eng') and words that do not tell entries apart. Never a guess: for readers of sources."""
        return self._find(text)

    def match(self, text: str, field: str, cutoff: float = 0.6) -> Match:
        """The entry nearest to a text in a user's own words.

        InputError on `field` with the nearest labels when none is as alike as `cutoff`.
        """
        found = self._best(text) if len(text) <= _LONGEST else None
        if found is None or found[1] < cutoff:
            known = self.nearest(text[:_LONGEST])
            raise InputError(field, text, f"'{shown(text)}' is not a known {_singular(self.name)}", known)
        return Match(text, found[0], self._by_id[found[0]].label, found[1])

    def nearest(self, text: str, n: int = 3) -> list[str]:
        """The labels of the n entries most like a text, nearest first."""
        key = self._rewrite(normalise(text))
        best = self._likenesses(key)
        for name, ratio, _ in process.extract(key, self._names, scorer=fuzz.ratio, limit=None):
            id = self._rewritten[name]
            best[id] = max(best.get(id, 0.0), ratio / 100 - 0.2)
        ranked = sorted(best, key=lambda id: (-best[id], id))
        return [self._by_id[id].label for id in ranked[:n]]

    def like(self, text: str, n: int = 3, cutoff: float = 0.6) -> list[str]:
        """The labels of at most n entries that a text may have meant; none when nothing is like it."""
        found = self._likenesses(self._rewrite(normalise(text)))
        ranked = sorted((id for id in found if found[id] >= cutoff), key=lambda id: (-found[id], id))
        return [self._by_id[id].label for id in ranked[:n]]

    def search(self, prefix: str, n: int = 10) -> list[Match]:
        """Entries for a list to choose from: names that begin with the text, then names with a word that
        does, then names that are like it."""
        key = normalise(prefix)
        if not key:
            return [Match(prefix, entry.id, entry.label, 1.0) for entry in self.entries[:n]]
        found: dict[str, float] = {}
        for name, id in self._exact.items():
            label = normalise(self._by_id[id].label)
            if name.startswith(key):
                found[id] = max(found.get(id, 0.0), 1.0 if name == label else 0.9)
            elif f" {key}" in name:
                found[id] = max(found.get(id, 0.0), 0.8)
        if len(found) < n and len(key) > 2:
            for id, score in self._likenesses(self._rewrite(key)).items():
                if score >= 0.6:
                    found.setdefault(id, 0.7 * score)
        ranked = sorted(found, key=lambda id: (-found[id], self._by_id[id].label.casefold()))
        return [Match(prefix, id, self._by_id[id].label, found[id]) for id in ranked[:n]]

    @functools.cached_property
    def _names(self) -> tuple[str, ...]:
        return tuple(self._rewritten)

    @functools.cached_property
    def _index(self) -> dict[str, list[str]]:
        """The names that hold a word, by word."""
        index: dict[str, list[str]] = {}
        for name in self._names:
            for word in dict.fromkeys(name.split()):
                index.setdefault(word, []).append(name)
        return index

    @functools.cached_property
    def _parts(self) -> dict[str, tuple[set[str], float]]:
        """The words of each name and their weight together."""
        parts = {name: set(name.split()) for name in self._names}
        return {name: (words, sum(map(self._weight, words))) for name, words in parts.items()}

    @functools.cached_property
    def _long_words(self) -> tuple[str, ...]:
        return tuple(word for word in self._index if len(word) >= _SHORTEST_CORRECTED)

    def _lookup(self, text: str) -> str | None:
        key = normalise(text)
        found = self._exact.get(key)
        if found is None and key and (self._rewrites or self._grades) and key not in self._blanks:
            key = self._rewrite(key)
            found = self._rewritten.get(key) or self._rewritten.get(self._without_grades(key))
        return found

    def _match(self, text: str) -> tuple[str, float] | None:
        key = normalise(text)
        if not key:
            return None
        if key in self._exact:
            return self._exact[key], 1.0
        key = self._rewrite(key)
        if key in self._rewritten:
            return self._rewritten[key], _REWRITTEN
        ungraded = self._without_grades(key)
        if ungraded in self._rewritten:
            return self._rewritten[ungraded], _WITHOUT_GRADE
        likenesses = self._likenesses(key)
        if not likenesses:
            return None
        best = max(likenesses, key=lambda id: likenesses[id])
        return best, min(likenesses[best], _WITHOUT_GRADE)

    def _likenesses(self, key: str) -> dict[str, float]:
        """Likeness, 0 to 1, of a rewritten key to each entry that shares a word or is spelled like it.

        Of words: twice the weight of the shared ones over the weight of both texts (Dice). A word that no
        name has counts as the known word that it misspells, by how alike they are spelled.
        """
        asked = dict(self._corrected(word) for word in key.split())
        asked_weight = sum(self._weight(word) for word in asked)
        scores: dict[str, float] = {}
        # Names that share only words such as 'engineer' are too unlike to matter where others share more.
        telling = [word for word in asked if word in self._index and self._weight(word) == 1]
        for name in dict.fromkeys(n for word in telling or asked for n in self._index.get(word, ())):
            parts, weight = self._parts[name]
            shared = sum(self._weight(word) * asked[word] for word in parts if word in asked)
            score = 2 * shared / (asked_weight + weight)
            if self._contained and len(parts) >= self._contained and parts <= asked.keys() and len(name) > 2:
                # A long text that holds the whole of a name: 'machine learning engineer, ads ranking'.
                score = max(score, 0.7 + 0.25 * shared / asked_weight) if weight >= 1 else score
            id = self._rewritten[name]
            scores[id] = max(scores.get(id, 0.0), score)
        if len(key) >= _SHORTEST_CORRECTED:
            cutoff = _ALIKE_LONG if " " in key else _ALIKE
            alike = process.extract(key, self._names, scorer=fuzz.ratio, score_cutoff=cutoff, limit=5)
            for name, ratio, _ in alike:
                if len(name) >= _SHORTEST_CORRECTED:
                    id = self._rewritten[name]
                    scores[id] = max(scores.get(id, 0.0), ratio / 100)
        return scores

    def _corrected(self, word: str) -> tuple[str, float]:
        """The word of a name that a word misspells, and how alike they are; else the word itself."""
        if word in self._index or len(word) < _SHORTEST_CORRECTED:
            return word, 1.0
        cutoff = _ALIKE if len(word) >= 6 else 90
        found = process.extractOne(word, self._long_words, scorer=fuzz.ratio, score_cutoff=cutoff)
        return (found[0], found[1] / 100) if found else (word, 1.0)

    def _weight(self, word: str) -> float:
        if word in self._grades:
            return 0.1
        return 0.4 if word in self._generic else 1.0

    def _rewrite(self, key: str) -> str:
        if not self._rewrites:
            return key
        return " ".join([self._rewrites.get(word, word) for word in key.split()])

    def _without_grades(self, key: str) -> str:
        kept = [word for word in key.split() if word not in self._grades]
        return " ".join(kept) if kept else key


def entries_from_csv(text: str) -> tuple[list[Entry], list[str]]:
    """The entries of a vocabulary's table, and the labels that answer nothing (its rows with the id '-').

    Columns: id, label, aliases (separated by '|'); any other column is an attribute.
    """
    entries: list[Entry] = []
    blanks: list[str] = []
    for row in csv.DictReader(StringIO(text)):
        aliases = tuple(alias for alias in row["aliases"].split("|") if alias)
        if row["id"] == "-":
            blanks.extend((row["label"], *aliases))
            continue
        attributes = {k: v for k, v in row.items() if k not in ("id", "label", "aliases")}
        entries.append(Entry(row["id"], row["label"], aliases, attributes))
    return entries, blanks


def _singular(name: str) -> str:
    irregular = {
        "seniorities": "seniority",
        "industries": "industry",
        "sizes": "company size",
        "educations": "level of education",
        "remotes": "way of working (onsite, hybrid, remote)",
        "employments": "kind of employment",
    }
    return irregular.get(name, name.removesuffix("s"))


def nearest_names(text: str, names: Sequence[str], n: int = 3) -> list[str]:
    """The n names most like a text, nearest first."""
    found = process.extract(normalise(text), names, scorer=fuzz.ratio, processor=normalise, limit=n)
    return [name for name, _, _ in found]
