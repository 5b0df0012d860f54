"""Loads the starter codes into the tenant in force."""

from ehr.audit.actors import Actor
from ehr.terminology.loading import LoadReport, load_release
from ehr.terminology.sources.starter import starter_releases


def load_starter_codes(*, actor: Actor) -> list[LoadReport]:
    """Loads the few codes that the product and its demo speak of; a code system that is loaded whole stays as it is."""
    return [load_release(actor=actor, release=release) for release in starter_releases()]
