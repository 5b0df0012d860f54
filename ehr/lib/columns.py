"""Column types that PostgreSQL has and Django has no name for."""

from typing import Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper


class TransactionIdField(models.Field):  # type: ignore[type-arg] # Django's fields are generic in the stubs only
    """xid8: the transaction that wrote the row, which tells whoever reads a log in order how far all is finished."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("db_default", models.Func(function="pg_current_xact_id", output_field=models.TextField()))
        kwargs.setdefault("editable", False)
        super().__init__(*args, **kwargs)

    def db_type(self, connection: BaseDatabaseWrapper) -> str:  # noqa: ARG002 - Django's signature
        return "xid8"


class NumericField(models.Field):  # type: ignore[type-arg] # Django's fields are generic in the stubs only
    """numeric without a bound: any decimal, exactly."""

    def db_type(self, connection: BaseDatabaseWrapper) -> str:  # noqa: ARG002 - Django's signature
        return "numeric"
