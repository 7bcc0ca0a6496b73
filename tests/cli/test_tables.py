"""What commands write with `-o` is in the format that the end of its name says, and nothing else is written."""

import json

import polars as pl
import pytest

from convlens.errors import InputError
from convlens.files import write_table

READERS = {".parquet": pl.read_parquet, ".csv": pl.read_csv, ".jsonl": pl.read_ndjson}
COMMANDS = {
    "attack": (["--order", "words", "--documents", "10", "--edits", "2", "--quiet"], "changes"),
    "words": ([], "evidence"),
    "evaluate": (["--methods", "random", "--sanity", "0", "--documents", "10"], "accuracy"),
}


@pytest.mark.parametrize("suffix", [".csv", ".jsonl", ".CSV"])
@pytest.mark.parametrize("command", COMMANDS)
def test_a_table_is_what_its_name_says(run, model, fresh, tmp_path, command, suffix):
    options, column = COMMANDS[command]
    path = tmp_path / f"table{suffix}"
    done = run(command, model, fresh, *options, "-o", path)
    assert (done.code, done.out) == (0, "")
    frame = READERS[suffix.lower()](path)
    assert len(frame)
    assert column in frame.columns


def test_explanations_are_lines_of_json(run, model, tmp_path):
    done = run("explain", model, "a good film", "-o", tmp_path / "scores.jsonl")
    assert done.code == 0
    rows = pl.read_ndjson(tmp_path / "scores.jsonl")
    run("explain", model, "a good film", "-o", tmp_path / "scores.parquet")
    assert rows.columns == pl.read_parquet(tmp_path / "scores.parquet").columns


@pytest.mark.parametrize("name", ["table.xlsx", "table", "table.csv.gz"])
@pytest.mark.parametrize("command", ["attack", "words", "filters"])
def test_other_names_are_refused_before_anything_is_read(refused, tmp_path, command, name):
    message = refused(command, tmp_path / "no model", "no data", "-o", tmp_path / name)
    assert "name a file that ends in .parquet" in message
    assert not list(tmp_path.iterdir())


def test_csv_holds_lists_and_structs_as_json(tmp_path):
    changes = [[{"start": 1, "now": "ä, b"}], [], None]
    frame = pl.DataFrame({"n": [1, 2, 3], "changes": changes})
    write_table(frame, tmp_path / "a.csv")
    cells = pl.read_csv(tmp_path / "a.csv")["changes"].to_list()
    assert [None if cell is None else json.loads(cell) for cell in cells] == changes
    write_table(frame, tmp_path / "a.jsonl")
    assert pl.read_ndjson(tmp_path / "a.jsonl").to_dicts() == frame.to_dicts()
    with pytest.raises(InputError, match=r"ends in \.parquet, \.csv or \.jsonl"):
        write_table(frame, tmp_path / "a.txt")
