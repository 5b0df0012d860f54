from pathlib import Path

import pytest

from infra.runner.stamps import fingerprint, is_current, set_stamp


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "inputs"
    (folder / "__pycache__").mkdir(parents=True)
    (folder / "one").write_text("1")
    (folder / "__pycache__" / "one.pyc").write_text("compiled")
    return folder


def test_the_same_inputs_have_the_same_fingerprint(folder: Path) -> None:
    before = fingerprint([folder], "3.11")
    (folder / "__pycache__" / "one.pyc").write_text("compiled again")
    assert fingerprint([folder], "3.11") == before


@pytest.mark.parametrize("change", ["content", "name", "new file", "fact"])
def test_a_change_changes_the_fingerprint(change: str, folder: Path) -> None:
    before = fingerprint([folder], "3.11")
    if change == "content":
        (folder / "one").write_text("2")
    elif change == "name":
        (folder / "one").rename(folder / "two")
    elif change == "new file":
        (folder / "two").write_text("")
    assert fingerprint([folder], "3.12" if change == "fact" else "3.11") != before


def test_a_step_is_current_only_with_the_value_it_was_finished_with(tmp_path: Path) -> None:
    stamp = tmp_path / "stamps" / "migrated"
    assert not is_current(stamp, "a")
    set_stamp(stamp, "a")
    assert is_current(stamp, "a")
    assert not is_current(stamp, "b")
