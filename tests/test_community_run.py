"""From invitation to published cohort, through the front door alone: commands and HTTP, as docs/submissions.md has them.

A community of invented people in Lisbon collects on PostgreSQL and is released twice, beside invented files of the shape
that the publishers' have. In them nobody is of Portugal, and pay in the countries around is well below the members'.
"""

from __future__ import annotations

import csv
import gzip
import http.client
import importlib.util
import json
import math
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

LIBRARIES = (
    "fastapi",
    "uvicorn",
    "sqlalchemy",
    "alembic",
    "nacl",
    "psycopg",
    "lightgbm",
    "ibis",
    "statsmodels",
)
SAMPLES = Path(__file__).parent / "sources" / "samples"
NAME, SOURCE = "ml-meetup", "community:ml-meetup"
# What the invented survey pays in a year, in US dollars, and what the members in Lisbon are paid, in euros.
PAID = {
    "Germany": 76_000, "France": 60_000, "Spain": 46_000, "Italy": 48_000, "Poland": 45_000, "India": 22_000,
    "Netherlands": 80_000, "Canada": 95_000, "United States of America": 140_000,
}  # fmt: skip
MEMBERS_PAY = 110_000
EMPLOYERS = (
    "Google", "Amazon", "Microsoft", "Apple", "IBM", "Oracle", "Intel", "Cisco", "Uber", "Netflix", "Spotify", "SAP",
)  # fmt: skip
ROLES = ("Data scientist", "ML engineer")
FIRST, SECOND = 520, 70
LEAST = 10
HERE = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}

pytestmark = [pytest.mark.slow, pytest.mark.database]


# The published files, invented.


def written(path: Path, rows: Sequence[Mapping[str, object]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with gzip.open(path, "wt", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, list(rows[0]))
        table.writeheader()
        table.writerows(rows)


def sample(name: str) -> dict[str, str]:
    with (SAMPLES / name).open(encoding="utf-8") as file:
        return next(csv.DictReader(file))


def published(folder: Path) -> Path:
    """Small files of the open sources, as published: a survey in nine countries, postings, wages disclosed."""
    draw = random.Random(7)
    survey = folder / "surveys" / "stackoverflow"
    degree = (
        "Bachelor’s degree (B.A., B.S., B.Eng., etc.)",
        "Master’s degree (M.A., M.S., M.Eng., MBA, etc.)",
    )
    kinds = (
        "Data scientist or machine learning specialist",
        "Data engineer",
        "Developer, AI",
        "Developer, back-end",
    )
    rows = []
    for n in range(720):
        country, years = draw.choice(sorted(PAID)), draw.randrange(20)
        pay = PAID[country] * math.exp(0.03 * (years - 8) + 0.08 * (n % 2) + draw.gauss(0, 0.3))
        rows.append({
            "ResponseId": n + 1, "MainBranch": "I am a developer by profession", "Age": "25-34 years old",
            "RemoteWork": ("Remote", "In-person")[n % 3 == 0], "EdLevel": degree[n % 2], "YearsCode": years + 4,
            "YearsCodePro": years, "DevType": kinds[n % 4], "OrgSize": ("20 to 99 employees", "1,000 to 4,999 employees")[n % 5 > 2],
            "Country": country, "WorkExp": years, "Industry": "Fintech", "ConvertedCompYearly": round(pay),
        })  # fmt: skip
    written(survey / "2024" / "survey_results_public.csv.gz", rows)
    written(survey / "2025" / "survey_results_public.csv.gz", [
        {"ResponseId": row["ResponseId"], "Country": row["Country"], "EdLevel": row["EdLevel"], "YearsCode": row["YearsCode"],
         "DevType": ("AI/ML engineer", "Data scientist")[n % 2], "LanguageHaveWorkedWith": "Python;SQL",
         "ConvertedCompYearly": int(str(row["ConvertedCompYearly"])) + 1000} for n, row in enumerate(rows[::2])
    ])  # fmt: skip
    for year in (2017, 2023):
        written(survey / str(year) / "survey_results_public.csv.gz", [sample(f"stackoverflow_{year}.csv")])
    posting, postings = sample("salaries.csv"), []
    for n in range(400):
        low, place = round(90_000 * math.exp(draw.gauss(0, 0.3))), ("US", "GB")[n % 2]
        told = {
            "work_year": 2023 + n % 3, "experience_level": ("EN", "MI", "SE")[n % 3], "company_location": place,
            "employee_residence": place, "job_title": ("Data Scientist", "Machine Learning Engineer")[n % 2],
        }  # fmt: skip
        postings += [{**posting, **told, "salary": v, "salary_in_usd": v} for v in (round(low * 1.4), low)]
    written(folder / "postings" / "aijobs" / "salaries.csv.gz", postings)
    case, cases = sample("LCA_Disclosure_Data_FY2020.csv"), []
    for n in range(300):
        low = round(120_000 * math.exp(draw.gauss(0, 0.25)))
        city, state = (("MOUNTAIN VIEW", "CA"), ("NEW YORK", "NY"), ("SEATTLE", "WA"), ("BOSTON", "MA"))[
            n % 4
        ]
        told = {
            "CASE_NUMBER": f"I-200-{n:05d}-000001", "WORKSITE_CITY": city, "WORKSITE_STATE": state, "WAGE_RATE_OF_PAY_FROM": low,
            "WAGE_RATE_OF_PAY_TO": low if n % 3 else low + 20_000,
            "EMPLOYER_NAME": ("GOOGLE LLC", "Amazon.com Services LLC", "MICROSOFT CORPORATION", "APPLE INC.")[n % 4],
            "JOB_TITLE": ("MACHINE LEARNING ENGINEER", "DATA SCIENTIST", "SOFTWARE ENGINEER")[n % 3],
        }  # fmt: skip
        cases.append({**case, **told})
    written(folder / "disclosure" / "us_lca" / "LCA_Disclosure_Data_FY2020_sample.csv.gz", cases)
    return folder


# The community, and its organiser.


def quarters() -> tuple[date, date]:
    """The newest two release days."""
    today = datetime.now(UTC).date()
    last = date(today.year, (today.month - 1) // 3 * 3 + 1, 1)
    return (last.replace(month=last.month - 3) if last.month > 3 else date(last.year - 1, 10, 1)), last


def before(day: date) -> str:
    """The month before a release day."""
    return f"{day.year - (day.month == 1)}-{(day.month - 2) % 12 + 1:02}"


def member(n: int, month: str, draw: random.Random) -> dict[str, Any]:
    """What one of them reports."""
    years = draw.randrange(16)
    base = MEMBERS_PAY * math.exp(0.03 * (years - 8) + draw.gauss(0, 0.2))
    return {
        "role": ROLES[n % 2], "location": "Lisbon", "years_experience": years, "employer": draw.choice(EMPLOYERS),
        "seniority": ("entry", "mid", "senior")[min(years // 5, 2)], "skills": ["pytorch", "python"][: 1 + n % 2],
        "base": round(base), "bonus": round(base / 20), "currency": "EUR", "month": month,
    }  # fmt: skip


@dataclass
class Organiser:
    """Who types the commands, in a folder of their own."""

    folder: Path
    database: str
    said: dict[str, str] = field(default_factory=dict)

    def run(self, *words: str, text: str = "", status: int = 0) -> str:
        """What a command prints."""
        done = subprocess.run(
            [sys.executable, "-m", "paylens", *words], cwd=self.folder, input=text, capture_output=True, text=True, check=False,
            timeout=600,
            env={**HERE, "PAYLENS_DATABASE": self.database, "PAYLENS_PASSPHRASE": "four words of their own"},
        )  # fmt: skip
        assert done.returncode == status, f"{words}: {done.stdout}{done.stderr[-2000:]}"
        return done.stdout

    def json(self, *words: str) -> Any:
        """What a command prints as JSON."""
        return json.loads(self.run(*words, "--json"))


@dataclass
class Server:
    """`paylens serve --collect` with two workers, behind what says whom a request is from."""

    folder: Path

    def __enter__(self) -> Server:
        self.log = tempfile.TemporaryFile("w+", encoding="utf-8")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "paylens", "serve", "--collect", "desk/", "--workers", "2", "--port", "0"],
            cwd=self.folder, stdout=subprocess.PIPE, stderr=self.log, text=True, env=HERE,
        )  # fmt: skip
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert "http://" in line, "the server did not start"
        self.port = int(line.split()[3].rstrip("/").rpartition(":")[2])
        return self

    def __exit__(self, *_: object) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.communicate(timeout=30)
        with self.log:
            self.log.seek(0)
            assert "/v1/reports" not in self.log.read()

    def ask(self, method: str, sender: int, body: Any = None, receipt: str = "") -> tuple[int, Any]:
        """Status and answer of one request about a report."""
        headers = {
            "content-type": "application/json",
            "x-forwarded-for": f"198.51.{sender >> 8}.{sender & 255}",
        }
        if receipt:
            headers["paylens-receipt"] = receipt
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(method, "/v1/reports", None if body is None else json.dumps(body), headers)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        finally:
            connection.close()

    def send(self, reports: Iterable[tuple[int, dict[str, Any]]]) -> list[str]:
        """The receipts of all these, sent eight at a time."""

        def one(told: tuple[int, dict[str, Any]]) -> str:
            status, answer = self.ask("POST", *told)
            assert status == 201, answer
            assert answer["verification"] == "code"
            return str(answer["receipt"])

        with ThreadPoolExecutor(8) as pool:
            return list(pool.map(one, reports))


@dataclass
class Told:
    """All that the run left: the organiser's folder, release days, receipts of who deleted, and what was counted."""

    organiser: Organiser
    days: tuple[date, date]
    exports: list[list[dict[str, str]]]
    deleted: list[str]
    counts: list[dict[str, Any]]

    def cohorts(self, release: str) -> dict[str, dict[str, Any]]:
        """The community's published cuts of a release, by name."""
        rows = pq.read_table(self.organiser.folder / "releases" / release / "cohorts.parquet").to_pylist()
        return {cell_name(row): row for row in rows if row["source"] == SOURCE}


KEYS = (
    "role", "family", "country", "region", "state", "metro", "years_band", "seniority", "education", "industry", "company_size",
    "remote", "employer", "skill", "vintage",
)  # fmt: skip


def cell_name(row: Mapping[str, Any]) -> str:
    return " · ".join([row["set"], *(str(row[key]) for key in KEYS if row.get(key) is not None)])


def released(organiser: Organiser, day: date) -> list[dict[str, str]]:
    """A release day, as the guide has it; the rows of the export."""
    organiser.run("submissions", "flush", "desk/")
    organiser.run("submissions", "clean", "desk/")
    made = organiser.run("submissions", "backup", "desk/", "--to", f"backups/{day}/", "--days", "30").split()
    review = organiser.run("submissions", "review", "--database", made[0], "--keys", "keys/")
    assert "reports," in review
    organiser.said[f"export {day}"] = organiser.run(
        "submissions", "export", "--database", made[0], "--keys", "keys/", "--to", f"exports/{day}/", "--name", NAME,
        "--title", "ML meet-up", "--licence", "CC-BY-4.0", "--released", str(day),
    )  # fmt: skip
    organiser.said[f"build {day}"] = organiser.run(
        "build",
        "--data",
        "files/",
        "--licence",
        "open",
        "--community",
        f"exports/{day}/",
        "--to",
        f"releases/{day}/",
    )
    with (organiser.folder / "exports" / str(day) / "reports.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def told(postgres: Any, tmp_path_factory: pytest.TempPathFactory) -> Told:
    """The whole run."""
    missing = [name for name in LIBRARIES if importlib.util.find_spec(name) is None]
    if missing:
        pytest.skip(f"{', '.join(missing)} not here: pip install 'paylens[test]'")
    folder = tmp_path_factory.mktemp("community")
    published(folder / "files")
    made = subprocess.run(
        ["psql", "-q", "-h", str(postgres.sockets), "-U", "paylens", "-d", "postgres", "-c", "CREATE DATABASE meetup"],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    organiser, draw, days = Organiser(folder, postgres.url("meetup")), random.Random(11), quarters()
    organiser.run("build", "--data", "files/", "--licence", "open", "--to", "releases/without/")
    organiser.run("submissions", "keys", "make", "keys/", "--passphrase")
    organiser.run(
        "submissions",
        "init",
        "desk/",
        "--public",
        "keys/public.toml",
        "--invited",
        "--source-header",
        "X-Forwarded-For",
    )
    codes = organiser.run("submissions", "invite", "desk/", "--codes", str(FIRST + SECOND)).split()
    exports, counts, deleted = [], [], []
    with Server(folder) as server:
        assert server.ask("POST", 9999, member(0, before(days[0]), draw))[0] == 403  # nobody invited it
        sent = [{**member(n, before(days[0]), draw), "code": codes[n]} for n in range(FIRST)]
        receipts = server.send(enumerate(sent))
        assert server.ask("POST", 9998, {**sent[0], "base": 50_000})[0] == 403  # a code is used once
        for n in range(5):
            corrected = {**sent[n], "base": sent[n]["base"] + 1000}
            del corrected["code"]
            assert server.ask("PUT", n, corrected, receipts[n])[0] == 200
            status, answer = server.ask("GET", n, receipt=receipts[n])
            assert (status, answer["report"]["base"]) == (200, corrected["base"])
        for n in range(5, 9):
            assert server.ask("DELETE", n, receipt=receipts[n]) == (200, {"deleted": True})
            assert server.ask("GET", n, receipt=receipts[n])[0] == 404
        organiser.run("submissions", "delete", "desk/", text=receipts[9] + "\n")
        deleted += receipts[5:10]
        exports.append(released(organiser, days[0]))
        counts.append(organiser.json("submissions", "status", "desk/"))
        server.send(
            (FIRST + n, {**member(n, before(days[1]), draw), "code": codes[FIRST + n]}) for n in range(SECOND)
        )
        assert server.ask("DELETE", 20, receipt=receipts[20])[0] == 200
        assert (
            server.ask(
                "PUT", 21, {k: v for k, v in sent[21].items() if k != "code"} | {"base": 90_000}, receipts[21]
            )[0]
            == 200
        )
        exports.append(released(organiser, days[1]))
        counts.append(organiser.json("submissions", "status", "desk/"))
    return Told(organiser, days, exports, deleted, counts)


def estimate(told: Told, release: str, *words: str) -> Any:
    return told.organiser.json("estimate", "--release", f"releases/{release}/", *words)


WHO = ("--role", "ML engineer", "--location", "Lisbon", "--years", "5")


def test_what_was_sent_is_what_is_exported_and_read(told: Told) -> None:
    """No report is lost between the desk, the export and the build, and none that was deleted is there."""
    assert [one["reports"] for one in told.counts] == [FIRST - 5, FIRST - 6 + SECOND]
    assert told.counts[1]["waiting"] == 0
    assert told.counts[1]["codes_unused"] == 0
    for day, rows in zip(told.days, told.exports, strict=True):
        said = told.organiser.said[f"export {day}"]
        assert said.startswith(f"{len(rows)} reports of months before {day}")
        left = [int(n) for n in re.findall(r"^ +([\d,]+) left out: ", said, re.M)]
        assert sum(left) < 10  # those that a rule holds back until somebody decides
        assert len(rows) + sum(left) == told.counts[told.days.index(day)]["reports"]
        kept = re.search(
            rf"^{SOURCE} .*: ([\d,]+) of ([\d,]+) rows kept$", told.organiser.said[f"build {day}"], re.M
        )
        assert kept is not None
        assert kept[1] == kept[2] == str(len(rows))
    names = [{row["report"] for row in rows} for rows in told.exports]
    assert len(names[0] - names[1]) == 1
    assert len(names[1] - names[0]) == SECOND


def test_the_community_is_in_the_evidence_and_named_among_the_sources(told: Told) -> None:
    release = str(told.days[0])
    found = [row for row in estimate(told, release, *WHO)["evidence"] if row["source"] == SOURCE]
    assert found
    for row in found:
        assert row["measured"]
        assert row["licence"] == "CC-BY-4.0"
        assert row["n"] % 5 == 0
        assert 0.7 * MEMBERS_PAY < row["p50"] < 1.5 * MEMBERS_PAY
    assert any("Lisbon" in row["cohort"] for row in found)
    told_by = told.organiser.json(
        "benchmark", "--role", "Data scientist", "--location", "Portugal", "--by", "seniority", "--release", f"releases/{release}/"
    )  # fmt: skip
    assert SOURCE in json.dumps(told_by)
    listed = {
        one["source"]: one
        for one in told.organiser.json("sources", "--release", f"releases/{release}/")["sources"]
    }
    mine = listed[SOURCE]
    assert (mine["licence"], mine["rows"]) == ("CC-BY-4.0", len(told.exports[0]) // 5 * 5)
    assert "ML meet-up" in told.organiser.run("sources", "--release", f"releases/{release}/")


def test_it_moves_the_estimate_of_its_place_up(told: Told) -> None:
    without, first, second = (
        estimate(told, release, *WHO)["percentiles"]["p50"] for release in ("without", *map(str, told.days))
    )
    assert first > 1.05 * without
    assert second > 1.05 * without
    assert max(first, second) < 1.1 * MEMBERS_PAY
    # And of another place it does not: nobody there reported.
    other = [
        estimate(told, release, "--role", "ML engineer", "--location", "Germany", "--years", "5")[
            "percentiles"
        ]["p50"]
        for release in ("without", str(told.days[0]))
    ]
    assert abs(other[1] / other[0] - 1) < 0.5 * (first / without - 1)


def test_what_the_community_would_report_can_be_asked_for(told: Told) -> None:
    answer = estimate(told, str(told.days[0]), *WHO, "--as-reported-in", SOURCE, "--currency", "EUR")
    pay = sorted(
        float(row["base"]) + float(row["bonus"]) for row in told.exports[0]
        if row["role"] == "machine-learning-engineer" and 3 <= float(row["years_experience"]) <= 7
    )  # fmt: skip
    assert abs(answer["percentiles"]["p50"] / pay[len(pay) // 2] - 1) < 0.12
    assert answer["pay"] == "cash"
    said = told.organiser.run(
        "estimate", *WHO, "--as-reported-in", SOURCE, "--release", "releases/without/", status=2
    )
    assert said == ""


def test_open_licences_alone_do_not_split_pay_and_say_so(told: Told) -> None:
    cash, total = (estimate(told, "without", *WHO, "--pay", pay) for pay in ("cash", "total"))
    assert total["percentiles"] == cash["percentiles"]
    assert any("apart" in note for note in total["notes"])
    assert not any("apart" in note for note in cash["notes"])


def test_two_releases_say_together_nothing_of_a_few(told: Told) -> None:
    """Who reads both, and knows who was in which cut, finds no cut whose change is that of fewer than ten."""
    days = [str(day) for day in told.days]
    kept = pq.read_table(told.organiser.folder / "exports" / f"published-{NAME}.parquet").to_pylist()
    cuts: dict[str, dict[str, set[str]]] = {day: {} for day in days}
    for row in kept:
        cuts[row["released"]].setdefault(row["cell"], set()).add(row["version"])
    people = [cuts[day].pop("") for day in days]
    changed = 0
    for day in days:
        shown = told.cohorts(day)
        assert {name: len(cut) // 5 * 5 for name, cut in cuts[day].items()} == {
            name: row["n"] for name, row in shown.items()
        }
    for name in cuts[days[0]].keys() & cuts[days[1]].keys():
        first, second = cuts[days[0]][name], cuts[days[1]][name]
        for part in (first - second, second - first):
            assert not 0 < len(part) < LEAST, (name, len(part))
        changed += first != second
    assert changed  # what is withheld whole can't be differenced, and says nothing
    # One deleted and one corrected: others left with them, so that nobody can tell who.
    assert len(people[0] - people[1]) >= LEAST
    said = told.organiser.said[f"build {days[1]}"]
    assert re.search(r"^ +2 have gone, and \d+ leave with them$", said, re.M), said
    assert f"released {days[1]}, after 1 earlier release:" in said


def test_a_release_is_not_made_again_with_other_reports(told: Told) -> None:
    exports = told.organiser.folder / "exports"
    again = exports / "again"
    again.mkdir()
    for file in ("community.toml", "reports.csv"):
        (again / file).write_bytes((exports / str(told.days[0]) / file).read_bytes())
    told.organiser.run(
        "build", "--data", "files/", "--licence", "open", "--community", "exports/again/", "--to", "releases/again/", status=2
    )  # fmt: skip
    assert not (told.organiser.folder / "releases" / "again").exists()
