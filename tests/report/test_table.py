from tochain.report.table import rows, table


def test_columns_are_aligned_and_empty_ones_left_out() -> None:
    cells = [["a", "", "10s"], ["bbb", "", "1h"]]
    assert table(["name", "note", "value"], cells, right=[2]) == ["name  value", "a       10s", "bbb      1h"]


def test_wide_and_hostile_cells() -> None:
    assert rows([["時間", "x"], ["a\x1b", "y\n"]]) == ["時間  x", "a␛    y"]


def test_nothing() -> None:
    assert (rows([]), table(["a", "b"], [])) == ([], [])
