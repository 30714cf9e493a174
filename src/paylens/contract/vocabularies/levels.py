"""What an employer's level, or the words of a title, say about seniority."""

import csv
import functools
import re
from io import StringIO

from paylens.contract.vocabularies.tables import read_table
from paylens.contract.vocabulary import normalise

__all__ = ["ladders", "level_of"]

_ANYWHERE = "*"

_NAMED_SCALES = re.compile(r"\b(level|lvl|grade|band|tier) ?(?=\d)")
_CODE = re.compile(r"(?:[a-z]{1,4}\d{1,3}(?:\.\d)?[a-z]?|\d{1,3}[a-z]?)")
_SPACED_CODE = re.compile(r"\b(ic|ict|icb|l|t|p|e|g|m|mts) (?=\d)")
_JOINED = re.compile(r"\b(sde|swe|se|pm|tpm|em)(?=(?:\d|i{1,3}|iv|v)\b)")
_UNPADDED = re.compile(r"(?<=[a-z])0+(?=\d)")

# 'Member of technical staff' is a job, not a level; product managers do not manage people by title.
_JOBS = re.compile(
    r"\b(members? of (the )?technical staff|mts|software (development )?(engineer(ing)?|developer|eng)|"
    r"swe|sde|se|engineer(ing)?|eng|developer|programmer|architecture|data scientist|data engineer|scientist|"
    r"data analyst|pm|pmm|tpm|product designer|designer|recruiter|sales|systems?|software|hardware|technical|"
    r"(technical )?(product|program|project|offering|marketing|account|category|brand) (marketing )?manager|"
    r"data|level|ux|ued|of|the|business|solutions?|applied|research|firmware|frontend|backend|full stack|"
    r"mechanical|i[ct])\b"
)
_WORDS: tuple[tuple[str, str], ...] = (
    # First match wins, so the more telling word stands before the word it qualifies.
    (r"intern|trainee|apprentice|co op|working student", "entry"),
    (r"assistant vice president|avp", "senior"),
    (r"(?:senior|sr) (?:associate|analyst)", "mid"),
    (r"executive director|senior director|sr director|director|head", "director"),
    (r"vice president|vp|svp|evp|chief|c[etdfi]o|managing director|partner|president|founder", "executive"),
    (r"sdm|em|manager|mgr|supervisor|group pm", "manager"),
    (r"distinguished|fellow|principal|architect|stsm|pmts|senior staff|sr staff", "principal"),
    (r"staff|lead|leader|tl|lmts|master|techlead", "staff"),
    (r"new grad|new graduate|graduate|grad|ng|entry|junior|jr|college|fresher|baseline", "entry"),
    (r"associate (?!senior)|associate$|amts|apm|rotational|early", "entry"),
    (r"senior|sr|snr|sse|smts|expert|advanced|advisory|seasoned|specialist", "senior"),
    (r"analyst", "entry"),
    (r"mid|middle|intermediate|regular|core|medior|midlevel|consultant|professional|experienced", "mid"),
)  # fmt: skip
_COMPILED = tuple((re.compile(rf"\b(?:{words})\b"), seniority) for words, seniority in _WORDS)
_STEPS = {
    "i": "entry", "1": "entry", "ii": "mid", "2": "mid", "iii": "senior", "3": "senior",
    "iv": "staff", "4": "staff", "v": "principal", "5": "principal",
}  # fmt: skip


@functools.cache
def ladders() -> dict[str, dict[str, str]]:
    """Seniority by level, by employer; '*' holds the commonest use of a code."""
    found: dict[str, dict[str, str]] = {}
    for row in csv.DictReader(StringIO(read_table("levels"))):
        ladder = found.setdefault(row["employer"], {})
        for level in row["levels"].split("|"):
            ladder[level] = row["seniority"]
    return found


@functools.lru_cache(maxsize=65536)
def level_of(employer: str | None, text: str) -> str | None:
    """The seniority id that a level or title means at an employer (an id of the employers, or None).

    The employer's own ladder is asked first ('L5' is senior at Google, mid at Amazon), then the words of the
    title ('Senior Engineer'), then the commonest use of a code ('IC4'). None when nothing is known.
    """
    anywhere = ladders()[_ANYWHERE]
    key = _SPACED_CODE.sub(r"\1", _NAMED_SCALES.sub(_initial, normalise(text)))
    ladder = ladders().get(employer or "", {})
    compact = _compact(key)
    if compact in ladder or compact in anywhere:
        return ladder.get(compact) or anywhere[compact]
    key = _JOINED.sub(r"\1 ", key)
    codes = [_UNPADDED.sub("", word) for word in key.split() if _CODE.fullmatch(word)]
    words = " ".join(word for word in key.split() if not _CODE.fullmatch(word))
    leads = _leads_people(words)
    for code in codes:
        known = ladder.get(code) or (ladder.get(f"l{code}") if code.isdigit() and ladder else None)
        if known and not leads:
            return known
    return _of_words(key, words) or next((anywhere[code] for code in codes if code in anywhere), None)


def _of_words(key: str, words: str) -> str | None:
    """Seniority from the words of a title, or None."""
    rest = " ".join(_JOBS.sub(" ", words).split())
    for pattern, seniority in _COMPILED:
        if pattern.search(rest):
            return seniority
    steps = [word for word in key.split() if word in _STEPS]
    is_job = bool(words) and words != rest
    if steps and (is_job or steps[0].isalpha()):
        return _STEPS[steps[0]]
    # A bare job title, 'Software Engineer', is the level between the associate's and the senior's.
    return "mid" if is_job and not rest and key == words else None


def _leads_people(words: str) -> bool:
    return bool(re.search(r"\b(manager|sdm|em|director)\b", _JOBS.sub(" ", words)))


def _initial(scale: re.Match[str]) -> str:
    return {"grade": "g", "band": "b"}.get(scale.group(1), "l")


def _compact(key: str) -> str:
    return _UNPADDED.sub("", re.sub(r"[^a-z0-9.]", "", key))
