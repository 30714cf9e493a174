"""Names of places: what each means, which are refused, and that every place can be asked for by its label."""

import contextlib
import csv
import json
import timeit
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from paylens.contract.errors import InputError
from paylens.places import gazetteer as tables
from paylens.places.gazetteer import gazetteer
from paylens.places.geography import Place, countries, lookup_city, lookup_country, regions, resolve
from paylens.places.spelling import key

TABLES = ("countries", "regions", "states", "metros", "cities")

MEANS = {
    "Berlin": ("metro", "de-berlin", "EUR"),
    "Berlin, Germany": ("metro", "de-berlin", "EUR"),
    "Berlin, DE": ("metro", "de-berlin", "EUR"),
    "San Francisco": ("metro", "us-41860", "USD"),
    "San Francisco, CA": ("metro", "us-41860", "USD"),
    "SF": ("metro", "us-41860", "USD"),
    "Bay Area": ("metro", "us-41860", "USD"),
    "Silicon Valley": ("metro", "us-41940", "USD"),
    "San Jose": ("metro", "us-41940", "USD"),
    "New York": ("metro", "us-35620", "USD"),
    "NYC": ("metro", "us-35620", "USD"),
    "New York City": ("metro", "us-35620", "USD"),
    "New York State": ("state", "NY", "USD"),
    "DC": ("metro", "us-47900", "USD"),
    "Washington, DC": ("metro", "us-47900", "USD"),
    "Washington state": ("state", "WA", "USD"),
    "WA": ("state", "WA", "USD"),
    "Seattle": ("metro", "us-42660", "USD"),
    "Kansas City": ("metro", "us-28140", "USD"),
    "Greater Boston Area": ("metro", "us-14460", "USD"),
    "Menlo Park": ("city", "us-ca-menlo-park", "USD"),
    "Paris": ("metro", "fr-paris", "EUR"),
    "Paris, TX": ("city", "us-tx-paris", "USD"),
    "Paris TX": ("city", "us-tx-paris", "USD"),
    "London": ("metro", "gb-london", "GBP"),
    "London, Ontario": ("metro", "ca-london", "CAD"),
    "London, ON": ("metro", "ca-london", "CAD"),
    "Cambridge, UK": ("metro", "gb-cambridge", "GBP"),
    "Cambridge, MA": ("city", "us-ma-cambridge", "USD"),
    "Toronto, CA": ("metro", "ca-toronto", "CAD"),
    "Ontario, CA": ("city", "us-ca-ontario", "USD"),
    "Zurich": ("metro", "ch-zurich", "CHF"),
    "ZÜRICH": ("metro", "ch-zurich", "CHF"),
    "München": ("metro", "de-munich", "EUR"),
    "Bangalore": ("metro", "in-bengaluru", "INR"),
    "Bengaluru, KA, India": ("metro", "in-bengaluru", "INR"),
    "Bombay": ("metro", "in-mumbai", "INR"),
    "New Delhi": ("metro", "in-delhi", "INR"),
    "Saigon": ("metro", "vn-ho-chi-minh-city", "VND"),
    "Tel Aviv-Yafo": ("metro", "il-tel-aviv", "ILS"),
    "Singapore": ("country", "SG", "SGD"),
    "Hong Kong": ("country", "HK", "HKD"),
    "Luxembourg": ("country", "LU", "EUR"),
    "Korea": ("country", "KR", "KRW"),
    "DE": ("country", "DE", "EUR"),
    "uk": ("country", "GB", "GBP"),
    "Holland": ("country", "NL", "EUR"),
    "Georgia (country)": ("country", "GE", "GEL"),
    "Georgia (state)": ("state", "GA", "USD"),
    "Ontario": ("state", "ca-on", "CAD"),
    "Europe": ("region", "europe", "EUR"),
    "LATAM": ("region", "latin-america", "USD"),
    "worldwide": ("world", "world", "USD"),
}

# The metro is by county, not by distance: San Mateo and Santa Clara counties lie in different ones.
METRO_OF = {
    **dict.fromkeys(
        ["Menlo Park, CA", "San Mateo, CA", "San Bruno, CA", "Redwood City, CA", "Pleasanton, CA"], "us-41860"
    ),
    **dict.fromkeys(["Foster City, CA", "Fremont, CA", "Newark, CA", "South San Francisco, CA"], "us-41860"),
    **dict.fromkeys(
        ["Mountain View, CA", "Sunnyvale, CA", "Cupertino, CA", "Palo Alto, CA", "Los Gatos, CA"], "us-41940"
    ),
    **dict.fromkeys(["Redmond, WA", "Bellevue, WA", "Kirkland, WA", "BOTHELL, WA"], "us-42660"),
    **dict.fromkeys(["Jersey City, NJ", "Hoboken, NJ", "Holmdel, NJ", "Brooklyn, NY"], "us-35620"),
    **dict.fromkeys(["Princeton, NJ"], "us-45940"),
    **dict.fromkeys(["Poughkeepsie, NY"], "us-28880"),
    **dict.fromkeys(["Cambridge, MA", "Waltham, MA", "Boxborough, MA"], "us-14460"),
    **dict.fromkeys(["Plano, TX", "Irving, TX", "Fort Worth, TX"], "us-19100"),
    **dict.fromkeys(["Stamford, CT", "Norwalk, CT"], "us-14860"),
    **dict.fromkeys(["Mc Lean, VA", "McLean, VA", "Reston, VA", "Arlington, VA"], "us-47900"),
    **dict.fromkeys(["Kansas City, KS", "NORTH KANSAS CITY, MO"], "us-28140"),
    **dict.fromkeys(["St. Louis, MO", "SAINT LOUIS, MO"], "us-41180"),
    "Cleveland, OH": "us-17410",
    "Hsin-chu, TP, Taiwan": "tw-hsinchu",
    "Seoul, KG, Korea, South": "kr-seoul",
    "Paris, IL, France": "fr-paris",
    "Hyderabad, AP, India": "in-hyderabad",
    "Kiev, KC, Ukraine": "ua-kyiv",
    "Saint Petersburg, SP, Russia": "ru-st-petersburg",
}

AMBIGUOUS = {
    "Georgia": {"Georgia (state)", "Georgia (country)"},
    "Washington": {"Washington (state)", "Washington-Arlington-Alexandria, DC-VA-MD-WV"},
    "Cambridge": {"Cambridge, United Kingdom", "Cambridge, MA"},
    "Springfield": {"Springfield, MO", "Springfield, MA"},
    "LA": {"Los Angeles-Long Beach-Anaheim, CA", "Laos"},
}

LABELS = {
    "United Kingdom of Great Britain and Northern Ireland": "GB",
    "Viet Nam": "VN",
    "Iran, Islamic Republic of...": "IR",
    "Republic of Korea": "KR",
    "Korea, South": "KR",
    "Democratic People's Republic of Korea": "KP",
    "Hong Kong (S.A.R.)": "HK",
    "Taiwan": "TW",
    "Czech Republic": "CZ",
    "Russian Federation": "RU",
    "Congo, Republic of the...": "CG",
    "Democratic Republic of the Congo": "CD",
    "Côte d\u2019Ivoire": "CI",
    "Virgin Islands (USA)": "VI",
    "Netherlands Antilles": "CW",
    "Azerbaidjan": "AZ",
    "Georgia": "GE",
    "USA": "US",
    "UK": "GB",
    "Scotland": "GB",
    "XK": "XK",
    "NA": "NA",
    "Other": None,
    "Nomadic": None,
    "I do not wish to disclose my location": None,
    "No": None,
    "": None,
}


@pytest.mark.parametrize(("text", "means"), MEANS.items())
def test_a_name_means(text: str, means: tuple[str, str, str]) -> None:
    place = resolve(text)
    assert (place.kind, place.id, place.currency) == means


@pytest.mark.parametrize(("text", "metro"), METRO_OF.items())
def test_a_city_lies_in_its_metro(text: str, metro: str) -> None:
    place = lookup_city(text)
    assert place is not None and place.metro == metro
    assert resolve(text).metro == metro


@pytest.mark.parametrize(("text", "candidates"), AMBIGUOUS.items())
def test_a_name_of_like_places_is_refused_with_them(text: str, candidates: set[str]) -> None:
    with pytest.raises(InputError) as error:
        resolve(text)
    assert error.value.field == "location"
    assert candidates <= set(error.value.candidates)
    for candidate in error.value.candidates:
        assert resolve(candidate)


@pytest.mark.parametrize(
    "text",
    ["", "  ", "Remote", "remote, US", "Anywhere", "Xyzzy", "日本", "x" * 100_000, "\x00", ",", "."],
)
def test_no_place_is_refused_in_one_line(text: str) -> None:
    with pytest.raises(InputError) as error:
        resolve(text)
    assert "\n" not in str(error.value) and len(str(error.value)) < 400


def test_errors_advise() -> None:
    with pytest.raises(InputError, match=r'remote = "remote".*United States'):
        resolve("Remote, US")
    with pytest.raises(InputError, match="Berlin, Germany"):
        resolve("Berln")
    with pytest.raises(InputError, match="San Francisco-Oakland-Fremont, CA"):
        resolve("San Fransisco")


@pytest.mark.parametrize(
    ("text", "note"),
    [("London", "London is taken as London, United Kingdom"), ("CA", "California"), ("Korea", "South Korea"),
     ("New York", "New York State"), ("Europe", "EU, EEA, United Kingdom"), ("DE", "Delaware")],
)  # fmt: skip
def test_a_choice_is_noted(text: str, note: str) -> None:
    assert any(note in line for line in resolve(text).notes)


@pytest.mark.parametrize(
    "text", ["Singapore", "Menlo Park, CA", "Berlin, Germany", "Bengaluru", "United States"]
)
def test_no_choice_no_note(text: str) -> None:
    assert resolve(text).notes == ()


@pytest.mark.parametrize(("label", "code"), LABELS.items())
def test_countries_by_questionnaire_label(label: str, code: str | None) -> None:
    assert lookup_country(label) == code


def test_every_country_by_label_and_codes() -> None:
    assert len(countries()) == 250
    for country in countries():
        assert {lookup_country(c) for c in (country.label, country.id, country.iso3)} == {country.id}
        assert len(country.currency) == 3 and country.region in gazetteer().regions


def test_regions() -> None:
    members = {region.id: set(region.members) for region in regions()}
    assert len(members["european-union"]) == 27
    assert members["europe"] == members["european-union"] | {"IS", "LI", "NO", "GB", "CH"}
    assert members["world"] == {country.id for country in countries()}
    assert {"EG"} == members["africa"] & members["middle-east"]
    assert all(country.id in members[country.region] for country in countries())


def test_a_city_file_gets_the_finest_place() -> None:
    def found(label: str, country: str | None = None) -> tuple[str, str] | None:
        place = lookup_city(label, country)
        return place and (place.kind, place.id)

    assert found("Nowhereville, MA") == ("state", "MA")
    assert found("Nowhereville, XX, Germany") == ("country", "DE")
    assert found("Nowhereville", "FR") == ("country", "FR")
    assert found("Cambridge", "US") == ("city", "us-ma-cambridge")
    assert found("Singapore, SG, Singapore") == ("country", "SG")
    assert found("Nowhereville") is None
    assert found("Cambridge") is None


def test_us_metros_are_the_oews_areas() -> None:
    us = [row for row in gazetteer().metro_rows.values() if row[0].startswith("us-")]
    assert len(us) == 393
    assert Counter(row[3] for row in us) == {"US": 387, "PR": 6}
    assert all(int(row[5]) > 10_000 for row in us)
    for row in us:
        assert resolve(row[2]).id == row[0]


PLACES = sorted({(place.id, place.label) for _, place in gazetteer().everything()})


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(PLACES))
def test_every_place_can_be_asked_for_by_its_label(place: tuple[str, str]) -> None:
    code, label = place
    try:
        found = resolve(label)
    except InputError as error:
        assert label in [c.removesuffix(" (country)") for c in error.candidates]
    else:
        # Another place only where it is the larger namesake, and then a note says so.
        assert (
            found.id == code or key(found.label) == key(label) or any(label in note for note in found.notes)
        )


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=40))
def test_any_text_is_a_place_or_refused(text: str) -> None:
    with contextlib.suppress(InputError):
        assert isinstance(resolve(text), Place)
    assert lookup_country(text) is None or lookup_country(text) in gazetteer().countries
    lookup_city(text)


@given(st.text(max_size=60))
def test_a_key_is_its_own_key(text: str) -> None:
    once = key(text)
    assert "," not in once and once == once.strip()


@pytest.mark.parametrize("name", TABLES)
def test_tables_hold_keys_and_their_origin(name: str) -> None:
    path = tables.TABLES / f"{name}.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        assert None not in row.values()
        for alias in filter(None, row.get("aliases", row.get("key", "")).split("|")):
            assert key(alias) == alias
    origin = json.loads((tables.TABLES / f"{name}.origin.json").read_text(encoding="utf-8"))
    assert {"publisher", "title", "vintage", "licence", "licence_note", "sha256", "command"} <= set(origin)
    assert path.stat().st_size < 600_000


def test_cities_are_sorted_for_bisection() -> None:
    keys = [line.partition(",")[0] + "," for line in gazetteer().cities]
    assert keys == sorted(keys)
    named = [row for row in gazetteer().cities if row.split(",")[4]]
    assert {row.split(",")[4] for row in named} <= set(gazetteer().metro_rows)


def test_a_name_known_is_found_fast() -> None:
    resolve("Berlin")
    assert min(timeit.repeat(lambda: resolve("Berlin"), number=1000, repeat=3)) / 1000 < 20e-6
    assert min(timeit.repeat(gazetteer.__wrapped__, number=1, repeat=5)) < 0.1  # about 0.02 alone


@pytest.mark.data
def test_every_label_of_the_sources_is_known(data_root: Path) -> None:
    """Every country of the questionnaires, and the US metro of every city that Levels.fyi names ten times."""
    pandas = pytest.importorskip("pandas")
    unknown = set()
    for year, column in ((2021, "Q3"), (2022, "Q4")):
        path = data_root / f"surveys/kaggle/kaggle_survey_{year}_responses.csv.gz"
        unknown |= set(pandas.read_csv(path, usecols=[column], skiprows=[1])[column])
    for year in (2017, 2023, 2024, 2025):
        path = data_root / f"surveys/stackoverflow/{year}/survey_results_public.csv.gz"
        unknown |= set(pandas.read_csv(path, usecols=["Country"])["Country"])
    path = data_root / "postings/aijobs/salaries.csv.gz"
    postings = pandas.read_csv(path, keep_default_na=False)
    unknown |= set(postings["employee_residence"]) | set(postings["company_location"])
    assert {label for label in unknown if lookup_country(label) is None} == {
        "Other", "I do not wish to disclose my location", "I prefer not to say", "Nomadic",
    }  # fmt: skip

    entries = pandas.read_csv(
        data_root / "surveys/levels_fyi/Levels_Fyi_Salary_Data.csv.gz", usecols=["location"]
    )
    count = entries["location"].value_counts()
    found = {label: lookup_city(label) for label in count.index}
    often = [found[label] for label in count.index if count[label] >= 10]
    assert all(place and (place.metro or place.id in {"SG", "HK", "LU"}) for place in often)
    in_metro = sum(count[label] for label, place in found.items() if place and place.metro)
    assert in_metro / count.sum() > 0.985
