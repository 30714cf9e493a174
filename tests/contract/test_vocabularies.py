"""Every alias finds its entry, every label of a questionnaire has a home, and nothing is guessed.

`labels.json` holds the option labels of the sources' questionnaires, as published, by vocabulary and source.
"""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paylens.contract import vocabularies
from paylens.contract.errors import InputError
from paylens.contract.vocabularies import level_of, roles, size_band, size_of_text, sizes
from paylens.contract.vocabularies.levels import ladders
from paylens.contract.vocabulary import Entry, Vocabulary, normalise

LABELS: dict[str, dict[str, list[str]]] = json.loads(
    Path(__file__).with_name("labels.json").read_text(encoding="utf-8")
)
LOADERS: tuple[Callable[[], Vocabulary], ...] = (
    vocabularies.roles,
    vocabularies.seniorities,
    vocabularies.educations,
    vocabularies.skills,
    vocabularies.industries,
    vocabularies.sizes,
    vocabularies.employers,
    vocabularies.remotes,
    vocabularies.employments,
)
FAMILIES = {
    "machine-learning", "data-science", "data-engineering", "data-analysis", "research", "software",
    "infrastructure", "product", "management", "executive", "other",
}  # fmt: skip
GROUPS = {
    "language", "framework", "deep-learning", "data-science", "cloud", "big-data", "database", "tool", "web",
    "specialisation",
}  # fmt: skip

ANSWERS_NOTHING = {
    "Something else",
    "I prefer not to answer",
    "Other (please specify):",
    "I don't know",
    "It's complicated",
}


@pytest.mark.parametrize("load", LOADERS, ids=lambda load: load.__name__)
def test_every_name_matches_its_own_entry_with_score_1(load: Callable[[], Vocabulary]) -> None:
    vocabulary = load()
    assert len(set(vocabulary.ids)) == len(vocabulary.ids)
    for entry in vocabulary.entries:
        for text in (entry.id, entry.label, *entry.aliases):
            match = vocabulary.match(text, "field")
            assert (match.id, match.score) == (entry.id, 1.0), text
            assert vocabulary.lookup(text) == entry.id
            assert vocabulary.lookup(f"  {text.upper()} ") == entry.id


@pytest.mark.parametrize("load", LOADERS, ids=lambda load: load.__name__)
def test_no_name_belongs_to_two_entries(load: Callable[[], Vocabulary]) -> None:
    owner: dict[str, str] = {}
    for entry in load().entries:
        for text in {normalise(text) for text in (entry.id, entry.label, *entry.aliases)}:
            assert owner.setdefault(text, entry.id) == entry.id


def test_a_name_of_two_entries_is_refused() -> None:
    with pytest.raises(ValueError, match="also names"):
        Vocabulary("pets", [Entry("cat", "Cat", ("Kitty",)), Entry("dog", "Dog", ("kitty!",))])


@pytest.mark.parametrize(
    "name", ["roles", "educations", "industries", "sizes", "remotes", "employments", "skills"]
)
def test_every_label_of_a_questionnaire_has_a_home(name: str) -> None:
    vocabulary: Vocabulary = getattr(vocabularies, name)()
    homeless = [
        (source, label)
        for source, options in LABELS[name].items()
        for label in options
        if vocabulary.lookup(label) is None and not vocabulary.is_blank(label)
    ]
    assert homeless == []


def test_every_common_advertised_title_has_a_home() -> None:
    titles = LABELS["advertised titles"]["ai-jobs"]
    assert [title for title in titles if roles().lookup(title) is None] == []


@pytest.mark.parametrize("label", sorted(ANSWERS_NOTHING))
def test_labels_that_answer_nothing_are_blank_somewhere(label: str) -> None:
    assert any(load().is_blank(label) for load in LOADERS)


def test_attributes_are_of_the_closed_lists() -> None:
    assert {entry.attributes["family"] for entry in roles().entries} == FAMILIES
    assert {entry.attributes["group"] for entry in vocabularies.skills().entries} == GROUPS
    for entry in vocabularies.employers().entries:
        assert entry.attributes["industry"] in vocabularies.industries()
        assert entry.attributes["company_size"] in sizes()


def test_seniorities_and_educations_are_the_closed_lists() -> None:
    assert vocabularies.seniorities().ids == (
        "entry", "mid", "senior", "staff", "principal", "manager", "director", "executive",
    )  # fmt: skip
    assert vocabularies.educations().ids == (
        "secondary-school", "some-college", "associate", "bachelor", "master", "doctorate", "professional",
    )  # fmt: skip
    assert vocabularies.remotes().ids == ("onsite", "hybrid", "remote")


@pytest.mark.parametrize(
    ("asked", "id"),
    [
        ("ML eng", "machine-learning-engineer"),
        ("ML engineer", "machine-learning-engineer"),
        ("MLE", "machine-learning-engineer"),
        ("machine learning eng.", "machine-learning-engineer"),
        ("Sr. ML Engineer", "machine-learning-engineer"),
        ("machin lerning enginer", "machine-learning-engineer"),
        ("Machine Learning Engineer II", "machine-learning-engineer"),
        ("AI/ML engineer", "machine-learning-engineer"),
        ("Machine Learning/ MLops Engineer", "machine-learning-engineer"),
        ("Developer, AI", "ai-engineer"),
        ("Developer, AI apps or physical AI", "ai-engineer"),
        ("Data scientist or machine learning specialist", "data-science-or-ml-specialist"),
        ("data sceintist", "data-scientist"),
        ("Staff Software Engineer", "software-engineer"),
    ],
)
def test_roles_in_users_words(asked: str, id: str) -> None:
    match = roles().match(asked, "role")
    assert match.id == id
    assert match.asked == asked
    assert match.score >= 0.95


def test_a_long_title_that_holds_a_role_is_that_role() -> None:
    match = roles().match("Senior Machine Learning Engineer, Ads Ranking (Remote)", "role")
    assert match.id == "machine-learning-engineer"
    assert 0.6 <= match.score < 0.95


@pytest.mark.parametrize(
    "asked",
    [
        "plumber",
        "nurse",
        "taxi driver",
        "lawyer",
        "dentist",
        "chef",
        "physical therapist",
        "pilot",
        "asdf",
        "!",
    ],
)
def test_other_occupations_are_not_guessed(asked: str) -> None:
    with pytest.raises(InputError) as caught:
        roles().match(asked, "role")
    assert caught.value.field == "role"
    assert len(caught.value.candidates) == 3
    assert "\n" not in str(caught.value)


def test_lookup_never_guesses() -> None:
    assert roles().lookup("machin lerning enginer") is None
    assert vocabularies.skills().lookup("Pytorhc") is None
    assert vocabularies.skills().like("Pytorhc") == ["PyTorch"]


@pytest.mark.parametrize(
    ("asked", "id"),
    [
        ("GOOGLE LLC", "google"),
        ("Apple Inc.", "apple"),
        ("Cerner Corporation", "cerner"),
        ("J.P. Morgan", "jpmorgan"),
    ],
)
def test_employers_without_their_legal_form(asked: str, id: str) -> None:
    assert vocabularies.employers().lookup(asked) == id


def test_an_employer_is_not_taken_for_one_whose_name_it_contains() -> None:
    assert vocabularies.employers().lookup("Square Enix") is None
    assert vocabularies.employers().lookup("Apple Orchards") is None


def test_search_offers_beginnings_first() -> None:
    found = roles().search("machine l")
    assert found[0].label.startswith("Machine l")
    assert [match.score for match in found] == sorted((match.score for match in found), reverse=True)
    assert len(roles().search("", n=5)) == 5
    assert len(roles().search("e", n=4)) == 4


@given(st.text(max_size=60))
def test_any_text_is_matched_or_refused(text: str) -> None:
    for load in LOADERS:
        vocabulary = load()
        vocabulary.lookup(text)
        vocabulary.search(text, 3)
        try:
            match = vocabulary.match(text, "field")
        except InputError as error:
            assert error.candidates
        else:
            assert match.id in vocabulary
            assert 0.6 <= match.score <= 1


@given(
    st.sampled_from(roles().entries),
    st.sampled_from(["Senior {}", "sr. {}", "{} II", "Staff {}", "{} (remote)"]),
)
def test_seniority_in_a_title_does_not_change_the_role(entry: Entry, pattern: str) -> None:
    if len(entry.label.split()) > 1:
        asked = pattern.format(entry.label)
        match = roles().match(asked, "role")
        exact = roles().lookup(asked)
        assert match.id == (exact or entry.id)


@pytest.mark.parametrize(
    ("employees", "band"),
    [
        (1, "1-9"),
        (9, "1-9"),
        (10, "10-49"),
        (49, "10-49"),
        (250, "250-999"),
        (9999, "5000-9999"),
        (10_000, "10000+"),
    ],
)
def test_bands_of_employees(employees: int, band: str) -> None:
    assert size_band(employees) == band


@given(st.integers(1, 1_000_000))
def test_a_band_holds_its_employees(employees: int) -> None:
    attributes = sizes()[size_band(employees)].attributes
    assert int(attributes["min"]) <= employees <= int(attributes["max"] or employees)


@pytest.mark.parametrize(
    ("text", "band"),
    [
        ("51-200", "50-249"), ("11-50", "10-49"), ("201\u2013500", "250-999"), ("501-1,000", "250-999"),
        ("1001-5000", "1000-4999"), ("10,001+", "10000+"), ("1-10", "1-9"), ("0-49 employees", "10-49"),
        ("5k", "5000-9999"), ("about 300 people", "250-999"), ("startup", None), ("1 2 3", None),
    ],
)  # fmt: skip
def test_ranges_of_employees(text: str, band: str | None) -> None:
    assert size_of_text(text) == band


@pytest.mark.parametrize(
    ("employer", "text", "seniority"), [ ("google", "L3", "entry"), ("google", "L5", "senior"),
    ("google", "T4", "mid"), ("google", "5", "senior"), ("google", "Manager (L6)", "manager"),
    ("facebook", "E5", "senior"), ("facebook", "IC4", "mid"), ("facebook", "L5 Product Manager", "senior"),
    ("amazon", "SDE II", "mid"), ("amazon", "L6", "senior"), ("amazon", "L6 SDM", "manager"),
    ("microsoft", "63", "senior"), ("microsoft", "L60", "entry"), ("apple", "ICT4", "senior"),
    ("apple", "ICT2", "entry"), ("oracle", "IC-3", "senior"), ("oracle", "Principal MTS", "staff"),
    ("linkedin", "Staff Software Engineer", "staff"), ("uber", "5a", "senior"),
    ("salesforce", "Lead MTS", "staff"), ("intel", "Grade 7", "senior"), ("ibm", "Band 9", "staff"),
    ("goldman-sachs", "Vice President", "senior"), (None, "L5", "senior"), (None, "SE", "senior"),
    (None, "EN", "entry"), (None, "EX", "executive"), (None, "IC4", "senior"), (None, "SDE II", "mid"),
    (None, "sde2", "mid"), (None, "Senior", "senior"), (None, "Sr. Software Engineer", "senior"),
    (None, "Senior Staff Engineer", "principal"), (None, "Software Engineer", "mid"),
    (None, "Software Engineer III", "senior"), (None, "new grad", "entry"), (None, "VP", "executive"),
    (None, "Senior Product Manager", "senior"), (None, "Engineering Manager", "manager"),
    (None, "Senior Associate", "mid"), (None, "Associate", "entry"), (None, "Director", "director"),
    (None, "zork", None), (None, "", None), (None, "7", None), ],
)  # fmt: skip
def test_levels(employer: str | None, text: str, seniority: str | None) -> None:
    assert level_of(employer, text) == seniority


@given(st.text(max_size=40), st.sampled_from([None, "google", "microsoft", "ibm"]))
def test_any_level_is_known_or_none(text: str, employer: str | None) -> None:
    found = level_of(employer, text)
    assert found is None or found in vocabularies.seniorities()


def test_ladders_name_known_employers_and_seniorities() -> None:
    for employer, ladder in ladders().items():
        assert employer == "*" or employer in vocabularies.employers()
        assert all(seniority in vocabularies.seniorities() for seniority in ladder.values())
