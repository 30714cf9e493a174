"""What the fields of a form offer: the entries of closed lists, and the words for a profile's fields."""

from __future__ import annotations

from typing import Final

from paylens.contract.vocabularies import educations, industries, remotes, seniorities, sizes

__all__ = ["NAMES", "OPTIONS"]

# What each field is called on the page.
NAMES: Final = {
    "role": "Role", "location": "Place", "years_experience": "Years of experience", "experience": "Experience", "seniority": "Level",
    "education": "Education", "skills": "Skills", "skill": "Skill", "industry": "Industry", "company_size": "Company size",
    "employer": "Employer", "remote": "Remote work", "pay": "Pay", "metro": "Metro", "mine": "Your pay", "as_of": "Month", "currency": "Currency",
}  # fmt: skip
_CLOSED = {
    "seniority": seniorities, "education": educations, "company_size": sizes, "industry": industries, "remote": remotes,
}  # fmt: skip
OPTIONS: Final[dict[str, list[tuple[str, str]]]] = {
    **{name: [(e.id, e.label) for e in vocabulary().entries] for name, vocabulary in _CLOSED.items()},
    "pay": [("cash", "Cash: base and bonus"), ("base", "Base alone"), ("total", "Total: with shares")],
}
