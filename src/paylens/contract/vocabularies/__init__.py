"""The vocabularies that ship with the package: each a CSV beside this file, read when first asked for."""

import functools

from paylens.contract.vocabularies.company_sizes import size_band, size_of_text
from paylens.contract.vocabularies.levels import level_of
from paylens.contract.vocabularies.tables import read_table
from paylens.contract.vocabulary import Vocabulary, entries_from_csv

__all__ = [
    "educations",
    "employers",
    "employments",
    "industries",
    "level_of",
    "remotes",
    "roles",
    "seniorities",
    "size_band",
    "size_of_text",
    "sizes",
    "skills",
]

_ROLE_WORDS = {
    "ml": "machine learning", "machinelearning": "machine learning", "dl": "deep learning",
    "cv": "computer vision", "eng": "engineer", "engr": "engineer", "engineering": "engineer",
    "engineers": "engineer", "enginer": "engineer", "dev": "developer", "devs": "developer",
    "developers": "developer", "programmer": "developer", "mgr": "manager", "managers": "manager",
    "sci": "scientist", "scientists": "scientist", "analysts": "analyst", "admin": "administrator",
    "sr": "senior", "snr": "senior", "jr": "junior", "sw": "software", "swe": "software engineer",
    "specialists": "specialist", "dir": "director", "backend": "back end", "frontend": "front end",
    "fullstack": "full stack", "bi": "business intelligence", "qa": "quality assurance",
}  # fmt: skip
_GRADE_WORDS = (
    "senior", "junior", "staff", "principal", "lead", "associate", "entry", "level", "mid", "graduate",
    "intern", "experienced", "remote", "hybrid", "onsite", "contract", "permanent", "m", "w", "f", "d", "x",
    "i", "ii", "iii", "iv", "v", "1", "2", "3", "4", "5", "distinguished", "expert", "of", "the", "a",
)  # fmt: skip
_COMMON_ROLE_WORDS = (
    "engineer", "manager", "developer", "scientist", "analyst", "specialist", "administrator", "architect",
    "researcher", "consultant", "software", "and", "or", "professional", "technical", "assistant", "worker",
    "operator", "technician", "research", "designer", "chief", "officer", "vice", "president",
)  # fmt: skip
_COMPANY_WORDS = (
    "inc", "incorporated", "llc", "llp", "ltd", "limited", "corp", "corporation", "co", "company",
    "companies", "gmbh", "ag", "plc", "sa", "nv", "bv", "se", "lp", "pvt", "private", "the", "us", "usa",
    "america", "americas", "india", "uk", "canada", "and", "com",
)  # fmt: skip
_SENIORITY_WORDS = {
    "sr": "senior", "snr": "senior", "jr": "junior", "mgr": "manager", "dir": "director", "exec": "executive",
}  # fmt: skip


@functools.cache
def roles() -> Vocabulary:
    """Jobs; attribute `family`."""
    entries, blanks = entries_from_csv(read_table("roles"))
    return Vocabulary(
        "roles",
        entries,
        rewrites=_ROLE_WORDS,
        grades=_GRADE_WORDS,
        generic=_COMMON_ROLE_WORDS,
        blanks=blanks,
        contained=2,
    )


@functools.cache
def seniorities() -> Vocabulary:
    """How senior: entry to principal, and manager, director, executive."""
    entries, blanks = entries_from_csv(read_table("seniorities"))
    return Vocabulary("seniorities", entries, rewrites=_SENIORITY_WORDS, blanks=blanks)


@functools.cache
def educations() -> Vocabulary:
    """The highest level of formal education."""
    return _plain("educations")


@functools.cache
def skills() -> Vocabulary:
    """Languages, libraries, clouds, databases, tools, specialisations; attribute `group`."""
    return _plain("skills")


@functools.cache
def industries() -> Vocabulary:
    """What the employer does."""
    return _plain("industries")


@functools.cache
def sizes() -> Vocabulary:
    """The employer's size; attributes `min` and `max` in employees (`max` is empty for the largest)."""
    return _plain("sizes")


@functools.cache
def employers() -> Vocabulary:
    """Employers that are often named; attributes `industry` and `company_size`."""
    entries, blanks = entries_from_csv(read_table("employers"))
    return Vocabulary("employers", entries, grades=_COMPANY_WORDS, blanks=blanks, contained=0)


@functools.cache
def remotes() -> Vocabulary:
    """Where the work is done."""
    return _plain("remotes")


@functools.cache
def employments() -> Vocabulary:
    """Full time, part time, self-employed and the like."""
    return _plain("employments")


def _plain(name: str) -> Vocabulary:
    entries, blanks = entries_from_csv(read_table(name))
    return Vocabulary(name, entries, blanks=blanks)
