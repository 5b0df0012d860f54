"""Record: the guarded base of every table that holds the truth."""

from typing import Any, ClassVar, TypeVar

from django.db import models

from ehr.audit.actions import action_is_open
from ehr.audit.errors import WriteOutsideAction

M_co = TypeVar("M_co", bound=models.Model, covariant=True)


def _demand_action(what: str) -> None:
    if not action_is_open():
        raise WriteOutsideAction(f"{what}: Records are written inside an @action only")


def _demand_derived(model: type[models.Model]) -> None:
    if not (issubclass(model, Record) and model.derived):
        raise WriteOutsideAction("delete: nothing in a Record is deleted; end it, or enter it in error")
    _demand_action("delete")


class RecordQuerySet(models.QuerySet[M_co]):
    """A queryset that writes only inside an action, and deletes only what is derived."""

    def create(self, **kwargs: Any) -> M_co:
        _demand_action("create")
        return super().create(**kwargs)

    def bulk_create(self, *args: Any, **kwargs: Any) -> list[M_co]:
        _demand_action("bulk_create")
        return super().bulk_create(*args, **kwargs)

    def bulk_update(self, *args: Any, **kwargs: Any) -> int:
        _demand_action("bulk_update")
        return super().bulk_update(*args, **kwargs)

    def update(self, **kwargs: Any) -> int:
        _demand_action("update")
        return super().update(**kwargs)

    def delete(self) -> tuple[int, dict[str, int]]:
        _demand_derived(self.model)
        return super().delete()

    def _raw_delete(self, using: str | None) -> int:
        _demand_derived(self.model)
        return super()._raw_delete(using)


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

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        _demand_derived(type(self))
        return super().delete(*args, **kwargs)


class AppendOnly(models.Model):
    """Base of a table that is evidence: rows come in, and the database refuses every change of an old one."""

    class Meta:
        abstract = True
