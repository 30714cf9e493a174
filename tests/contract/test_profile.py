"""A profile is read as it was meant, or refused with the field and what may have been meant."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paylens.contract.errors import InputError
from paylens.contract.profile import FIELDS, parse_profile
from paylens.contract.vocabularies import educations, industries, roles, seniorities, sizes, skills


def profile(**fields: Any) -> Any:
    return parse_profile({"role": "ML engineer", **fields})


def refused(**fields: Any) -> InputError:
    with pytest.raises(InputError) as caught:
        profile(**fields)
    return caught.value


def test_a_whole_profile() -> None:
    found = profile(
        years_experience=4, years_coding="9", years_ml=3.5, seniority="senior", education="master",
        skills=["PyTorch", "AWS"], location=" Berlin ", industry="finance", company_size=250, remote="remote",
        as_of="2026-11", pay="total", currency="eur",
    )  # fmt: skip
    assert found.role.id == "machine-learning-engineer"
    assert (found.years_experience, found.years_coding, found.years_ml) == (4.0, 9.0, 3.5)
    assert (found.seniority, found.education, found.industry) == ("senior", "master", "finance")
    assert found.skills == ("pytorch", "aws")
    assert (found.location, found.company_size, found.remote) == ("Berlin", "250-999", "remote")
    assert (found.as_of, found.pay, found.currency) == ("2026-11", "total", "EUR")
    assert found.ignored == ()
    assert "skills" in found.given


def test_defaults() -> None:
    found = profile()
    assert found.pay == "cash"
    assert found.skills == ()
    assert found.given == {"role"}
    assert {getattr(found, name) for name in FIELDS if name not in ("role", "pay", "skills")} == {None}


def test_none_and_blank_are_not_given() -> None:
    assert profile(**{name: None for name in FIELDS if name != "role"}) == profile()
    assert profile(**{name: " " for name in FIELDS if name != "role"}) == profile()


def test_a_role_is_required() -> None:
    for fields in ({}, {"role": None}, {"role": "  "}):
        with pytest.raises(InputError, match="role is required"):
            parse_profile(fields)


def test_an_unknown_field_names_the_nearest() -> None:
    error = refused(years_experiense=3)
    assert error.field == "years_experiense"
    assert error.candidates[0] == "years_experience"
    assert refused(nonsense=None).field == "nonsense"


@pytest.mark.parametrize(
    "value", [math.nan, math.inf, -math.inf, "nan", "inf", -1, 61, "four", True, [4], 10**400]
)
@pytest.mark.parametrize("field", ["years_experience", "years_coding", "years_ml"])
def test_bad_years(field: str, value: object) -> None:
    assert refused(**{field: value}).field == field


@pytest.mark.parametrize(
    ("field", "value", "candidate"),
    [
        ("role", "zork", None),
        ("seniority", "zork", None),
        ("education", "wizard", None),
        ("industry", "wizardry", None),
        ("company_size", "zork", None),
        ("company_size", 0, None),
        ("company_size", math.nan, None),
        ("remote", "moon", "Remote"),
        ("as_of", "2026-13", None),
        ("as_of", "11/2026", None),
        ("pay", "totl", "total"),
        ("currency", "EURO", None),
        ("as_reported_in", "kagle", "kaggle"),
        ("as_reported_in", "community:", "community:NAME"),
        ("skills", 3, None),
        ("skills", [3], None),
        ("skills", {"python": 1}, None),
        ("skills", ["python"] * 201, None),
        ("location", 3, None),
        ("location", "x" * 501, None),
        ("role", "x" * 501, None),
    ],
)
def test_bad_values_name_the_field(field: str, value: object, candidate: str | None) -> None:
    error = refused(**{field: value})
    assert error.field == field
    assert str(error).startswith(f"{field}: ")
    assert "\n" not in str(error)
    assert error.problem()["field"] == field
    assert candidate is None or candidate in error.candidates


def test_unknown_skills_are_ignored_with_the_nearest() -> None:
    found = profile(skills="Pytorhc; aws;; underwater basket weaving;aws")
    assert found.skills == ("aws",)
    assert found.ignored == (
        {"field": "skills", "given": "Pytorhc", "nearest": ["PyTorch"]},
        {"field": "skills", "given": "underwater basket weaving", "nearest": []},
    )


def test_skills_separated_by_commas_and_labels_that_hold_one() -> None:
    assert profile(skills="python, sql").skills == ("python", "sql")
    assert profile(skills="Linode, now Akamai").skills == ("linode",)


def test_an_employer_sets_size_and_industry() -> None:
    found = profile(employer="Google LLC")
    assert (found.employer, found.industry, found.company_size) == ("google", "technology", "10000+")
    assert found.notes == ("company size and industry from the employer, Google",)
    found = profile(employer="Google", industry="finance", company_size="startup")
    assert (found.industry, found.company_size, found.notes) == ("finance", "10-49", ())


def test_an_unknown_employer_is_noted() -> None:
    found = profile(employer="Gogle")
    assert found.employer is None
    assert found.ignored == ({"field": "employer", "given": "Gogle", "nearest": ["Google"]},)
    assert profile(employer="Northwind Traders").ignored[0]["field"] == "employer"


def test_a_level_is_read_on_the_employers_ladder() -> None:
    assert profile(seniority="L5").seniority == "senior"
    assert profile(seniority="L5", employer="Amazon").seniority == "mid"
    assert profile(seniority="SE").seniority == "senior"
    assert profile(seniority="IC4").seniority == "senior"
    assert profile(seniority="Executive-level / Director").seniority == "executive"


def test_labels_that_answer_nothing_are_not_given() -> None:
    assert profile(education="I prefer not to answer").education is None
    assert profile(company_size="I don\u2019t know").company_size is None


@pytest.mark.parametrize(
    ("source", "pay"),
    [
        ("kaggle", "yearly as asked"),
        ("levels_fyi", "total"),
        ("US_LCA", "base"),
        ("community:guild-1", "cash"),
    ],
)
def test_as_reported_in_sets_the_measure(source: str, pay: str) -> None:
    found = profile(as_reported_in=source)
    assert found.as_reported_in == source.lower()
    assert found.pay == pay


def test_another_measure_than_the_sources_is_refused() -> None:
    assert refused(as_reported_in="us_lca", pay="total").field == "pay"
    assert refused(as_reported_in="kaggle", pay="cash").field == "pay"
    assert profile(as_reported_in="levels_fyi", pay="total").pay == "total"


texts = st.text(max_size=30)
values = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    texts,
    st.lists(texts, max_size=4),
    st.dictionaries(texts, texts),
)


@given(st.dictionaries(st.one_of(st.sampled_from(FIELDS), texts), values))
def test_anything_is_parsed_or_refused(fields: dict[str, object]) -> None:
    try:
        found = parse_profile(fields)
    except InputError as error:
        assert "\n" not in str(error)
        assert error.problem()["message"]
    else:
        assert found.role.id in roles()
        assert set(found.skills) <= set(skills().ids)


@given(
    st.sampled_from(roles().ids),
    st.sampled_from(seniorities().ids),
    st.sampled_from(educations().ids),
    st.sampled_from(industries().ids),
    st.sampled_from(sizes().ids),
    st.lists(st.sampled_from(skills().ids), unique=True, max_size=8),
)
def test_ids_are_read_back(
    role: str, seniority: str, education: str, industry: str, size: str, known: list[str]
) -> None:
    found = parse_profile(
        {"role": role, "seniority": seniority, "education": education, "industry": industry,
        "company_size": size, "skills": known}
    )  # fmt: skip
    assert found.role.id == role
    assert (found.seniority, found.education, found.industry) == (seniority, education, industry)
    assert (found.company_size, found.skills) == (size, tuple(known))
