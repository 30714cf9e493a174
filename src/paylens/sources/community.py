"""Pay reports that a community collected for itself: an export folder of `paylens submissions`, which describes itself."""

from __future__ import annotations

import datetime
import functools
import re
import tomllib
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from paylens.contract.errors import PaylensError, shown
from paylens.contract.observation import COMMUNITY
from paylens.contract.vocabularies import (
    educations,
    employers,
    industries,
    remotes,
    roles,
    seniorities,
    sizes,
    skills,
)
from paylens.places import geography, money
from paylens.sources.files import PublishedTable, file_sha256
from paylens.sources.reading import (
    NO_PAY,
    NO_ROLE,
    UNREADABLE_PAY,
    Description,
    Lookups,
    Observations,
    PublishedFile,
    Reading,
    amount,
    choices,
    finished,
    present,
    sanity_flag,
)

__all__ = ["ABOUT", "REPORTS", "describe_folder", "read"]

ABOUT: Final = "community.toml"
REPORTS: Final = "reports.csv"
SCHEMA_READ: Final = 1
_MOST_ABOUT = 1 << 16
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")
_REPORT = re.compile(r"[A-Za-z0-9_-]{8,128}")
_SHA = re.compile(r"[0-9a-f]{64}")
_TEXTS = ("title", "licence")
_MOST_YEARS = 60.0


def describe_folder(folder: Path) -> Description:
    """What an export says of itself: id 'community:NAME', licence, hash of its reports; in `rest` also `released`, `from`,
    `to` and `counts`. PaylensError names what is missing or wrong.
    """
    path, told = folder / ABOUT, _told(folder)
    for name in ("schema", "name", *_TEXTS, "released", "from", "to", "sha256"):
        if name not in told:
            raise PaylensError(f"{path}: '{name}' is missing; export the community again")
    if told["schema"] != SCHEMA_READ:
        raise PaylensError(f"{path}: schema {shown(told['schema'])}; this paylens reads {SCHEMA_READ}")
    name = told["name"]
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise PaylensError(
            f"{path}: name {shown(name)} must be small letters, digits, '-' and '_', 64 at most"
        )
    for text in _TEXTS:
        if not isinstance(told[text], str) or not 0 < len(told[text].strip()) <= 200:
            raise PaylensError(f"{path}: {text} must be text of 1 to 200 characters")
    released = _day(told["released"], path)
    since, until = (_month(told[end], path, end) for end in ("from", "to"))
    if not since <= until <= released[:7]:
        raise PaylensError(
            f"{path}: 'from' {since}, 'to' {until} and 'released' {released} are not in this order"
        )
    sha = str(told["sha256"])
    if not _SHA.fullmatch(sha):
        raise PaylensError(f"{path}: sha256 must be the 64 hexadecimal digits of {REPORTS}")
    common = _common()
    title, licence = " ".join(told["title"].split()), " ".join(told["licence"].split())
    more = {
        "released": released,
        "from": since,
        "to": until,
        "counts": _counts(told, path),
        "asks": common["asks"],
    }
    words = {"name": name, "title": title, "released": released, "since": since, "until": until}
    return Description(
        COMMUNITY + name, title, common["publisher"].format(**words), licence, licence in common["open_licences"],
        common["citation"].format(**words), common["pay_definition"], (PublishedFile(REPORTS, sha),), more,
    )  # fmt: skip


def read(folder: Path) -> Reading:
    """All reports of an export folder that say pay; a bad row is dropped and counted.

    PaylensError when the folder is no export, a column is missing, or the reports are not those that were exported.
    """
    about, common = describe_folder(folder), _common()
    path = folder / REPORTS
    if not path.is_file():
        raise PaylensError(f"{path}: no such file; export the community again")
    if file_sha256(path) != about.files[0].sha256:
        raise PaylensError(
            f"{path}: not the file that {ABOUT} names by its sha256; export the community again"
        )
    observations = Observations(source=about.id, pay_definition=about.pay_definition, employment="unknown")
    dropped: Counter[str] = Counter()
    seen: set[str] = set()
    with PublishedTable(path, common["columns"]) as rows:
        for number, values in rows:
            if number > common["most_rows"]:
                raise PaylensError(f"{path}: more than {common['most_rows']:,} reports")
            found = _row(values, about, common)
            if isinstance(found, str):
                dropped[found] += 1
            elif values["report"] in seen:
                dropped["report there twice"] += 1
            else:
                seen.add(values["report"])
                observations.add({**found, "row": number, "respondent": f"{about.id}:{values['report']}"})
    return finished(about.id, rows, dropped, observations, Lookups(), about)


def _told(folder: Path) -> dict[str, Any]:
    path = folder / ABOUT
    if not folder.is_dir():
        raise PaylensError(f"{folder}: no such folder")
    if not path.is_file():
        raise PaylensError(f"{folder} is not a community's export: it has no {ABOUT}")
    with path.open("rb") as file:
        text = file.read(_MOST_ABOUT + 1)
    if len(text) > _MOST_ABOUT:
        raise PaylensError(f"{path} is larger than {_MOST_ABOUT >> 10} KiB")
    try:
        return tomllib.loads(text.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise PaylensError(f"{path} can't be read as TOML: {error}") from None


@functools.cache
def _common() -> Mapping[str, Any]:
    return tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))


def _day(value: object, path: Path) -> str:
    text = value.isoformat() if isinstance(value, datetime.date) else str(value)
    try:
        if _DAY.fullmatch(text):
            return datetime.date.fromisoformat(text).isoformat()
    except ValueError:
        pass
    raise PaylensError(f"{path}: released must be a day such as 2026-11-30, not {shown(text)}")


def _month(value: object, path: Path, name: str) -> str:
    if not isinstance(value, str) or not _MONTH.fullmatch(value):
        raise PaylensError(f"{path}: '{name}' must be a month such as 2026-11, not {shown(value)}")
    return value


def _counts(told: Mapping[str, Any], path: Path) -> dict[str, Any]:
    """Reports by verification and what the community itself left out, by reason."""
    counts = told.get("counts", {})
    if not isinstance(counts, dict):
        raise PaylensError(f"{path}: counts must be a table")
    flat = {k: v for k, v in counts.items() if not isinstance(v, dict)}
    left = {f"excluded: {why}": n for v in counts.values() if isinstance(v, dict) for why, n in v.items()}
    out = {**flat, **left}
    for name, n in out.items():
        if isinstance(n, bool) or not isinstance(n, int) or n < 0:
            raise PaylensError(f"{path}: counts: {shown(name)} must be a whole number")
    return out


def _row(values: Mapping[str, str], about: Description, common: Mapping[str, Any]) -> dict[str, Any] | str:
    """The columns of one report, or why it is dropped."""
    base, month, currency = amount(values["base"]), values["month"].strip(), values["currency"].strip()
    weight, rest = amount(values["weight"]), about.rest
    facts = _facts(values)
    if not _REPORT.fullmatch(values["report"]):
        return "no report id"
    if base is None or base == 0:
        return NO_PAY if base == 0 or present(values["base"]) is None else UNREADABLE_PAY
    extras = {name: amount(values[name]) for name in ("bonus", "equity")}
    if any(extras[name] is None and present(values[name]) is not None for name in extras):
        return UNREADABLE_PAY
    if present(values["role"]) is None:
        return NO_ROLE
    if not _MONTH.fullmatch(month) or not rest["from"] <= month <= rest["to"]:
        return "month outside the export's"
    if currency not in money.currencies(month):
        return "no exchange rate for the currency"
    if weight is None or not 0 < weight <= common["most_weight"]:
        return "weight out of bounds"
    if values["verification"] not in common["verifications"]:
        return "unknown verification"
    if isinstance(facts, str):
        return facts
    cash = base + (extras["bonus"] or 0.0)
    return {
        **facts, **extras, "vintage": int(month[:4]), "month": month, "base": base, "pay_lo": cash, "pay_hi": cash,
        "currency": currency, "weight": weight, "pay_flag": sanity_flag(cash / money.rate(currency, month).per_usd),
    }  # fmt: skip


def _facts(values: Mapping[str, str]) -> dict[str, Any] | str:
    """Who reports, as ids; or which of them is no id of its vocabulary, or which place lies elsewhere."""
    known = {
        "role": roles(), "seniority": seniorities(), "education": educations(), "industry": industries(),
        "company_size": sizes(), "employer": employers(), "remote": remotes(),
    }  # fmt: skip
    out: dict[str, Any] = {}
    for name, vocabulary in known.items():
        out[name] = present(values[name])
        if out[name] is not None and out[name] not in vocabulary:
            return f"{name} is no id"
    out["skills"] = sorted(set(choices(values["skills"])))
    if any(skill not in skills() for skill in out["skills"]):
        return "skills is no id"
    for name in ("country", "state", "metro"):
        out[name] = present(values[name])
        if out[name] is not None and not _lies(name, out[name], out["country"]):
            return f"{name} is no id" if name == "country" else f"{name} is not in its country"
    for name in ("years_experience", "years_coding", "years_ml"):
        years = amount(values[name])
        if (years is None and present(values[name]) is not None) or (years or 0.0) > _MOST_YEARS:
            return f"{name} is no number of years"
        column = name.removesuffix("_experience")
        out[f"{column}_lo"] = out[f"{column}_hi"] = years
    out["role_asked"] = present(values["role_asked"]) or out["role"] or ""
    out["employer_asked"] = present(values["employer_asked"])
    return out


@functools.lru_cache(maxsize=8192)
def _lies(kind: str, id: str, country: str | None) -> bool:
    """Whether the place is known and in the country; a metro or state without a country is nowhere."""
    try:
        return country is not None and geography.of_id(kind, id).country == country
    except KeyError:
        return False
