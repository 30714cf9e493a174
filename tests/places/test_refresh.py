"""The shipped tables of rates, prices and wages are what the published files give, byte for byte."""

from pathlib import Path

import pytest

from paylens.places import refresh


@pytest.mark.data
def test_the_published_files_give_the_shipped_tables(data_root: Path, tmp_path: Path) -> None:
    refresh.refresh(data_root, tmp_path)
    made = sorted(path.name for path in tmp_path.iterdir())
    assert made == sorted(
        f"{name}.{kind}"
        for name in ("fx_monthly", "ppp", "rpp", "cpi", "wage_index")
        for kind in ("csv", "origin.json")
    )
    for name in made:
        assert (tmp_path / name).read_bytes() == (refresh.TABLES / name).read_bytes(), name


def test_a_cell_with_a_comma_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="comma"):
        refresh.write(tmp_path, "any", ["a", "b"], [("1", "2,3")], {})
    assert list(tmp_path.iterdir()) == []


def test_the_header_s_years_and_the_foot_of_the_parities(tmp_path: Path) -> None:
    text = (
        "GeoFIPS,GeoName,LineCode,2008,2023,2024\n"
        ' "00000","United States",1,100,100,100\n "10180","Abilene, TX",1,90,91.5,92.25\n'
        ' "10180","Abilene, TX",2,80,80,80\n "10380","Aguadilla, PR",1,(NA),(NA),(NA)\n"Note: See the footnote file."\n'
    )
    (tmp_path / "reference").mkdir()
    (tmp_path / refresh.RPP).write_text(text, encoding="utf-8")
    (tmp_path / refresh.PPP).write_text(
        "Country,Country ID,Year,PPP\nX,IN,2024,20.5\nX,IN,2001,9\nX,EU,2024,1\n", encoding="utf-8"
    )
    refresh.price_levels(tmp_path, tmp_path, [{"id": "IN"}])
    assert (
        tmp_path / "rpp.csv"
    ).read_text() == "metro,year,all_items_us_100\nus-10180,2023,91.5\nus-10180,2024,92.25\n"
    assert (tmp_path / "ppp.csv").read_text() == "country,year,local_per_international_dollar\nIN,2024,20.5\n"
