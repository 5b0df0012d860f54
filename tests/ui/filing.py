"""Puts resources on file for tests of pages: JSON and projected columns, without the index that no page reads."""

from collections.abc import Sequence
from typing import Any

from ehr.access.permissions import operator
from ehr.audit.actions import action, audit
from ehr.audit.actors import Actor
from ehr.fhir.models import Resource
from ehr.fhir.registry import owners
from ehr.lib import clock, json


def file(resources: Sequence[dict[str, Any]]) -> None:
    """Stores new resources, in the order given: what is referred to comes first."""
    _file(actor=operator("tests"), resources=resources)


@action("tests.resources.file")
def _file(*, actor: Actor, resources: Sequence[dict[str, Any]]) -> None:
    stored = Resource.objects.bulk_create(
        [
            Resource(
                type=resource["resourceType"],
                id=resource["id"],
                version_id=1,
                last_updated=clock.now(),
                content=json.encode(resource).decode(),
                tokens=[],
            )
            for resource in resources
        ]
    )
    keys = {f"{kind}/{id_}": key for kind, id_, key in Resource.objects.values_list("type", "id", "key")}
    rows: dict[str, list[Any]] = {}
    for row, resource in zip(stored, resources, strict=True):
        owner = owners[row.type]
        rows.setdefault(row.type, []).append(owner.model(resource_id=row.key, **owner.project(resource, keys)))
    for kind, projected in rows.items():
        owners[kind].model.objects.bulk_create(projected, batch_size=500)
    audit(detail={"filed": len(stored)})
