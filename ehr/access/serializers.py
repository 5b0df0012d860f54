"""Who somebody is, as /api/v1 tells it."""

from typing import Any

from rest_framework import serializers


class ActorContent(serializers.Serializer[Any]):
    """Whoever asks."""

    kind = serializers.ChoiceField(
        choices=["user", "client"], help_text="A person (`user`) or a client system (`client`)."
    )
    id = serializers.CharField(help_text="Stable, never given to anybody else; the audit trail names them by it.")
    name = serializers.CharField(help_text="The name shown to colleagues.")


class TenantContent(serializers.Serializer[Any]):
    """A health system."""

    alias = serializers.CharField(help_text="Its short name.")
    name = serializers.CharField(help_text="Its name.")


class RoleContent(serializers.Serializer[Any]):
    """A kind of work."""

    name = serializers.CharField(help_text="Its stable name: `physician`.")
    label = serializers.CharField(  # type: ignore[assignment] # fields are taken off the class by its metaclass
        help_text="The words people see."
    )


class Identity(serializers.Serializer[Any]):
    """Who asks, at which health system, and what they may do."""

    actor = ActorContent()
    tenant = TenantContent()
    roles = RoleContent(many=True, help_text="The roles held now, by name. A client system has none.")
    permissions = serializers.ListField(
        child=serializers.CharField(),
        help_text="What may be done, in alphabetical order: functions (`record.open-chart`) and rights on FHIR types "
        "by letter (`Observation.r`); `*` stands for every type.",
    )
