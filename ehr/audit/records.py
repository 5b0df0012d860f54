"""Record: the guarded base of every table that holds the truth."""

from collections.abc import Iterable
from typing import Any, ClassVar, NoReturn, TypeVar

from django.db import models

from ehr.audit.actions import action_is_open
from ehr.audit.errors import WriteOutsideAction

M = TypeVar("M", bound=models.Model)


def _demand_action(what: str) -> None:
    if not action_is_open():
        raise WriteOutsideAction(f"{what}: Records are written inside an @action only")


class RecordQuerySet(models.QuerySet):
    """A queryset that writes only inside an action, and never deletes."""

    def create(self, **kwargs: Any) -> M:
        _demand_action("create")
        return super().create(**kwargs)

    def bulk_create(self, objs: Iterable[M], *args: Any, **kwargs: Any) -> list[M]:
        _demand_action("bulk_create")
        return super().bulk_create(objs, *args, **kwargs)

    def bulk_update(self, objs: Iterable[M], *args: Any, **kwargs: Any) -> int:
        _demand_action("bulk_update")
        return super().bulk_update(objs, *args, **kwargs)

    def update(self, **kwargs: Any) -> int:
        _demand_action("update")
        return super().update(**kwargs)

    def delete(self) -> NoReturn:
        raise WriteOutsideAction("delete: nothing in a Record is deleted; end it, or enter it in error")

    def _raw_delete(self, using: str | None) -> NoReturn:  # noqa: ARG002 - Django's signature
        self.delete()


class Record(models.Model):
    """Base of every table that holds the truth. Written only inside an action; a database trigger demands the same."""

    derived: ClassVar[bool] = False  # True for a table that is rebuilt from another: its rows may be deleted

    objects = RecordQuerySet.as_manager()

    class Meta:
        abstract = True
        base_manager_name = "objects"

    def save(self, *args: Any, **kwargs: Any) -> None:
        _demand_action("save")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:  # noqa: ARG002 - Django's signature
        raise WriteOutsideAction("delete: nothing in a Record is deleted; end it, or enter it in error")


class AppendOnly(models.Model):
    """Base of a table that is evidence: rows come in, and the database refuses every change of an old one."""

    class Meta:
        abstract = True
