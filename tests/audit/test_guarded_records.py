"""A Record is written inside an action only, whichever of Django's ways is taken; and the same ways work inside one."""

from collections.abc import Callable

import pytest
from django.db import Error

from ehr.audit.errors import WriteOutsideAction
from ehr.fhir.models import IdempotentRequest, StringIndex
from tests.audit.sample import ADLER, keep, kept, outer, request_row

pytestmark = pytest.mark.usefixtures("db")

OBJECTS = IdempotentRequest.objects


def only() -> IdempotentRequest:
    return OBJECTS.get(idempotency_key="old")


def save_changed() -> None:
    row = only()
    row.status = 204
    row.save()


def bulk_update() -> None:
    row = only()
    row.status = 204
    OBJECTS.bulk_update([row], ["status"])


def make_or_change() -> None:
    values = {name: getattr(request_row("new"), name) for name in ("digest", "location", "etag", "body", "created_at")}
    OBJECTS.update_or_create(
        client_id="client", idempotency_key="old", defaults={"status": 204}, create_defaults={"status": 204, **values}
    )


def get_or_create() -> None:
    values = {
        name: getattr(request_row("new"), name)
        for name in ("status", "digest", "location", "etag", "body", "created_at")
    }
    OBJECTS.get_or_create(client_id="client", idempotency_key="new", defaults=values)


def create() -> None:
    values = {field.name: getattr(request_row("new"), field.name) for field in OBJECTS.model._meta.concrete_fields}
    OBJECTS.create(**values)


WRITES: list[tuple[Callable[[], object], list[tuple[str, int]]]] = [
    (save_changed, [("old", 204)]),
    (lambda: keep("new"), [("new", 201), ("old", 201)]),
    (create, [("new", 201), ("old", 201)]),
    (get_or_create, [("new", 201), ("old", 201)]),
    (make_or_change, [("old", 204)]),
    (lambda: OBJECTS.filter(idempotency_key="old").update(status=204), [("old", 204)]),
    (lambda: OBJECTS.bulk_create([request_row("new")]), [("new", 201), ("old", 201)]),
    (bulk_update, [("old", 204)]),
    (lambda: IdempotentRequest._base_manager.update(status=204), [("old", 204)]),
    (lambda: IdempotentRequest._default_manager.update(status=204), [("old", 204)]),
]
NAMES = [
    "save", "save-new", "create", "get-or-create", "update-or-create", "update", "bulk-create", "bulk-update",
    "base-manager", "default-manager",
]  # fmt: skip


@pytest.mark.parametrize(("write", "expected"), WRITES, ids=NAMES)
def test_refused_outside_and_done_inside_an_action(
    write: Callable[[], object], expected: list[tuple[str, int]]
) -> None:
    outer(lambda: keep("old"), actor=ADLER)
    with pytest.raises(WriteOutsideAction):
        write()
    assert list(OBJECTS.values_list("idempotency_key", "status")) == [("old", 201)]
    outer(write, actor=ADLER)
    assert list(OBJECTS.order_by("idempotency_key").values_list("idempotency_key", "status")) == expected


@pytest.mark.parametrize(
    "delete",
    [lambda: only().delete(), lambda: OBJECTS.all().delete(), lambda: OBJECTS.all()._raw_delete("general")],
    ids=["instance", "queryset", "raw"],
)
def test_nothing_is_deleted_not_even_inside_an_action(delete: Callable[[], object]) -> None:
    outer(lambda: keep("old"), actor=ADLER)
    with pytest.raises(WriteOutsideAction, match="nothing in a Record is deleted"):
        outer(delete, actor=ADLER)
    assert kept() == ["old"]


def test_what_is_derived_is_deleted_inside_an_action_only() -> None:
    row = StringIndex(key=1, param=1, ordinal=0, folded="x", exact="X")
    outer(row.save, actor=ADLER)
    with pytest.raises(WriteOutsideAction):
        StringIndex.objects.all().delete()
    assert StringIndex.objects.count() == 1
    assert outer(lambda: StringIndex.objects.all().delete()[0], actor=ADLER) == 1
    assert StringIndex.objects.count() == 0


def test_an_action_over_does_not_leave_the_guard_open() -> None:
    outer(lambda: keep("old"), actor=ADLER)
    with pytest.raises(Error, match="outside an action"):
        super(IdempotentRequest, request_row("new")).save_base()
