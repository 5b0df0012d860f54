"""While several write, some fail and two seal at once, every event is sealed exactly once."""

from collections.abc import Callable
from threading import Event, Thread

from django.core.files.storage import Storage
from django.db import connections

from ehr.audit import chain, keys
from ehr.audit.models import AuditEvent, AuditSeal
from ehr.audit.seal import seal_pending
from ehr.audit.verify import verify_tenant
from ehr.lib.tenancy import use_tenant
from tests.audit.sample import ADLER, outer

WRITERS = 4
WRITES = 60
FAILS_EVERY = 6


def write() -> None:
    """Acts WRITES times; each FAILS_EVERY-th fails and leaves nothing."""
    for number in range(WRITES):
        try:
            outer(lambda: 1 // (number % FAILS_EVERY), actor=ADLER)  # noqa: B023 - called at once
        except ZeroDivisionError:
            continue


def test_every_event_is_sealed_exactly_once(committed: dict[str, str], documents: Storage) -> None:
    written = Event()
    faults: list[BaseException] = []

    def seal() -> None:
        while not written.is_set():
            seal_pending()

    def run(work: Callable[[], None]) -> None:
        try:
            with use_tenant("general"):
                work()
        except BaseException as fault:  # noqa: BLE001 - handed to the test's own thread
            faults.append(fault)
        finally:
            connections.close_all()

    writers = [Thread(target=run, args=(write,)) for _ in range(WRITERS)]
    sealers = [Thread(target=run, args=(seal,)) for _ in range(2)]
    for thread in [*writers, *sealers]:
        thread.start()
    for thread in writers:
        thread.join(60)
    written.set()
    for thread in sealers:
        thread.join(60)
    seal_pending()
    digests = AuditSeal.objects.values_list("digests", flat=True)
    sealed = sorted(number for each in digests for number, _ in chain.DIGEST.iter_unpack(bytes(each)))
    last = AuditEvent.objects.filter(action="audit.seal").latest("id").id
    everything = AuditEvent.objects.exclude(id=last).order_by("id").values_list("id", flat=True)
    assert (faults, sealed) == ([], list(everything))
    assert AuditEvent.objects.filter(action="test.outer").count() == WRITERS * (WRITES - WRITES // FAILS_EVERY)
    assert verify_tenant(keys.public_key()).differences == []
