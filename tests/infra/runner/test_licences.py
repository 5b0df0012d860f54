import pytest

from infra.runner import licences


@pytest.mark.parametrize(
    "licence",
    [
        "MIT",
        "LGPL-3.0-only",
        "License :: OSI Approved :: GNU Lesser General Public License v3 (LGPLv3)",
        "MIT OR GPL-2.0",
    ],
)
def test_what_may_be_shipped(licence: str) -> None:
    assert not licences.is_forbidden(licence)


@pytest.mark.parametrize(
    "licence",
    [
        "GPL-3.0-only",
        "AGPL-3.0-or-later",
        "GPLv2+",
        "License :: OSI Approved :: GNU General Public License v3 (GPLv3)",
        "GNU Affero General Public License v3",
        "MIT AND GPL-2.0",
        "GPL-2.0 OR AGPL-3.0",
    ],
)
def test_what_may_not(licence: str) -> None:
    assert licences.is_forbidden(licence)


def test_the_runtime_is_free_of_it() -> None:
    assert licences.problems() == []
