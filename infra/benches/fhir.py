"""The FHIR figures: read, search by name over 16,000 patients, create, transaction."""

import json
import random

from infra.benches import client, load, population
from infra.benches.audit import audit
from infra.benches.figures import Figure, Site, fsync_per_second
from infra.benches.instance import manage

PATIENTS = 16_000


def fhir(site: Site) -> list[Figure]:
    """Figures named fhir_*, and how fast the trail is verified. Loads 16,000 patients first."""
    folder = site.state / "bench-inputs"
    folder.mkdir(exist_ok=True)
    people = list(population.patients(PATIENTS))
    file = folder / "patients.ndjson"
    file.write_text("".join(json.dumps(patient) + "\n" for patient in people))
    manage("import_fhir", str(file), "--source", "bench")
    token = client.bearer(site)
    figures = _read(site, token)
    figures += _search(site, token, people)
    figures += [fsync_per_second(site.state), *_create(site, token), *_transaction(site, token)]
    return figures + audit(site)


def _read(site: Site, token: str) -> list[Figure]:
    rng = random.Random(2)  # noqa: S311 - reproducible load
    requests = [
        load.get(f"/fhir/R4/Patient/bench-{rng.randrange(PATIENTS)}", Authorization=token) for _ in range(5_000)
    ]
    result = load.run(site.port, lambda n: requests[n % len(requests)])
    return _figures("fhir_read", result)


def _search(site: Site, token: str, people: list[dict[str, object]]) -> list[Figure]:
    rng = random.Random(3)  # noqa: S311 - reproducible load
    names = [rng.choice(people)["name"][0]["family"][:6] for _ in range(5_000)]  # type: ignore[index] # our own patients
    requests = [load.get(f"/fhir/R4/Patient?name={name}&_count=20", Authorization=token) for name in names]
    result = load.run(site.port, lambda n: requests[n % len(requests)])
    return _figures("fhir_search_name", result)


def _create(site: Site, token: str) -> list[Figure]:
    def request(number: int) -> bytes:
        body = json.dumps(population.observation(f"Patient/bench-{number % PATIENTS}", 50 + number % 90)).encode()
        return load.post("/fhir/R4/Observation", body, Authorization=token)

    return _figures("fhir_create", load.run(site.port, request, expect=201))


def _transaction(site: Site, token: str) -> list[Figure]:
    def request(number: int) -> bytes:
        body = json.dumps(population.admission(f"Patient/bench-{number % PATIENTS}")).encode()
        return load.post("/fhir/R4", body, Authorization=token)

    return _figures("fhir_transaction", load.run(site.port, request))


def _figures(name: str, result: load.Result) -> list[Figure]:
    return [
        Figure(f"{name}_rps", result.per_second, "1/s"),
        Figure(f"{name}_p95_ms", result.percentile_ms(95), "ms"),
        Figure(f"{name}_p99_ms", result.percentile_ms(99), "ms"),
    ]
