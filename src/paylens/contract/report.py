"""What a pay report that somebody sends holds, what it becomes in an export, and how a desk says no."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Protocol

from paylens.contract.errors import PaylensError

__all__ = [
    "COLUMNS",
    "LEVELS",
    "MOST_SKILLS",
    "PROFILE_FIELDS",
    "REPORT_FIELDS",
    "CodeRefused",
    "DeskBusy",
    "Repeated",
    "ReportDesk",
    "TooMany",
    "UnknownReceipt",
]

PROFILE_FIELDS: Final = (
    "role", "years_experience", "years_coding", "years_ml", "seniority", "education", "skills", "location",
    "industry", "company_size", "employer", "remote", "currency",
)  # fmt: skip
REPORT_FIELDS: Final = (*PROFILE_FIELDS, "base", "bonus", "equity", "month")
MOST_SKILLS: Final = 30

LEVELS: Final = {"none": 0.5, "code": 0.75, "document": 1.0}
"""How a report was verified, and what it weighs: not at all, by a code that its sender was given, by a document that
was looked at and destroyed before the code was given."""

COLUMNS: Final = (
    "report", "month", "role", "role_asked", "seniority", "country", "state", "metro", "years_experience",
    "years_coding", "years_ml", "education", "industry", "company_size", "employer", "employer_asked", "remote",
    "skills", "base", "bonus", "equity", "currency", "verification", "weight",
)  # fmt: skip
"""The columns of an exported `reports.csv`, in their order."""


class ReportDesk(Protocol):
    """The desk that takes reports, as `submissions.desk.Desk` is."""

    rules: Any

    def source_hash(self, address: str) -> bytes:
        """What stands for a sender's address until the day ends."""

    def submit(
        self, fields: Mapping[str, object], code: str | None, source_hash: bytes | None, token: str | None
    ) -> Any:
        """A receipt, once the report is on the disk."""

    def read(self, token: str, source_hash: bytes | None) -> tuple[Any, str]:
        """The report of a receipt and how it was verified."""

    def correct(self, token: str, fields: Mapping[str, object], source_hash: bytes | None) -> Any:
        """Another report in the place of a receipt's."""

    def delete(self, token: str, source_hash: bytes | None) -> None:
        """The report of a receipt deleted."""

    def new_token(self) -> str:
        """A receipt that is not in use."""

    def terms(self) -> dict[str, Any]:
        """What is asked, and what is kept."""


class UnknownReceipt(PaylensError):
    """No report has this receipt: it is mistyped, or its report was deleted."""

    def __init__(self) -> None:
        super().__init__("no report has this receipt: it may be mistyped, or its report deleted")


class CodeRefused(PaylensError):
    """An invitation is needed, or the one given is unknown or used."""


class Repeated(PaylensError):
    """The same report was sent already, or a receipt is taken by another one."""


class TooMany(PaylensError):
    """More than one sender may send or ask in a day."""


class DeskBusy(PaylensError):
    """The store cannot be reached or is taken; what was sent was not kept."""
