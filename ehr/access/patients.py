"""Where the app that owns Patient tells access how to load one, so that access needs to know no patient's shape."""

from collections.abc import Callable
from typing import Any

PatientLoader = Callable[[str], Any | None]

_loaders: list[PatientLoader] = []


def register_loader(loader: PatientLoader) -> None:
    """Called once, from the owning app's AppConfig.ready(): `loader(patient_id)` gives its Patient, or None."""
    if _loaders and _loaders[0] is not loader:
        raise ValueError("patients have a loader already")
    _loaders[:] = [loader]


def load(patient_id: str) -> Any | None:
    """The patient as the registered loader gives it. Raises LookupError when nothing was registered."""
    if not _loaders:
        raise LookupError("no patient loader is registered")
    return _loaders[0](patient_id)
