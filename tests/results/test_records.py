"""What benchmarks wrote down: how many times as fast, in which direction, and what was not measured."""

import pytest

from zslib import plots, tables
from zslib.core import store
from zslib.results import records


@pytest.fixture
def folder(tmp_path):
    rows = [
        {"what": "one", "value": 20, "unit": "cells/s", "other": 5, "than": "the loop"},
        {"what": "one", "value": 0.2, "unit": "CPU s a cell", "other": 0.5, "than": "the loop", "most": 0.1},
        {
            "what": "one",
            "value": 3,
            "unit": "cells/s",
            "other": 2,
            "than": "the loop",
            "beside": "two others",
        },
        {"what": "two", "unit": "cells/s"},
    ]
    store.write_json(tmp_path / "embedding.json", {"about": {"date": "2026-01-02"}, "rows": rows})
    store.write_json(
        tmp_path / "report.json", {"about": {}, "rows": [{"what": "x", "value": 90, "unit": "s"}]}
    )
    return tmp_path


def test_a_rate_is_better_when_higher_and_a_time_when_lower(folder):
    table = records.read(folder)
    rate, time, beside = table[table["part"] == "Embedding"].iloc[:3].to_dict("records")
    assert (rate["times"], time["times"], beside["times"]) == (4, 2.5, 1.5)
    assert time["times_most"] == 5
    assert beside["what"] == "one, beside two others"


def test_the_finding_is_by_what_a_user_waits(folder):
    assert records.finding(records.read(folder)) == (
        "On the same cores, embedding is 4.0 times as fast as the loop; "
        "embedding beside two others is 1.5 times as fast as the loop."
    )


def test_a_record_that_is_not_there_and_a_row_without_a_number_are_said_to_be_not_measured(folder):
    said = tables.recorded(records.read(folder)).data
    assert said.count("not measured") == 4  # one row of embedding, and three records
    assert "2.5×" in said
    assert "5.0×" in said


def test_without_any_record_there_is_no_claim(tmp_path, capsys):
    table = records.read(tmp_path)
    assert "Nothing was measured" in records.finding(table)
    plots.speed(table)
    assert "Nothing was measured" in capsys.readouterr().out


def test_the_records_of_this_repository_can_be_read():
    table = records.read(store.ROOT / "benchmarks")
    assert (table["value"].dropna() > 0).all()
    assert table["times"].notna().sum() >= 2
    assert (table["times"].dropna() <= table["times_most"].fillna(float("inf"))[table["times"].notna()]).all()
