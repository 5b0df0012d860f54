"""What `_include` and `_revinclude` bring along: one statement for all of them, however often they iterate."""

from collections.abc import Container, Sequence

from ehr.fhir.definitions import resource_types
from ehr.fhir.search.compartments import patient_types
from ehr.fhir.search.query import Query
from ehr.fhir.search.terms import compartment_term
from ehr.lib.tenancy import raw_cursor

INCLUDED = 5000  # resources included in one page
ROUNDS = 6  # references followed one after the other by :iterate

# `clause` says which references to follow: from the key to the target, or back. A round starts from the matches
# (round 0) or from what the round before brought; UNION drops what it brought already.
STATEMENT = """
WITH RECURSIVE clause(param, target_type, reverse, iterate) AS MATERIALIZED (
  SELECT * FROM unnest(%(params)s::int4[], %(target_types)s::text[], %(reverse)s::bool[], %(iterate)s::bool[])
), found(key, round) AS (
  SELECT unnest(%(matches)s::int8[]), 0
  UNION
  SELECT next.key, found.round + 1 FROM found CROSS JOIN LATERAL (
    SELECT i.target AS key FROM fhir_reference_index i JOIN clause c ON c.param = i.param
    WHERE i.key = found.key AND NOT c.reverse AND (found.round = 0 OR c.iterate) AND (c.target_type IS NULL
      OR EXISTS (SELECT FROM fhir_resource t WHERE t.key = i.target AND t.type = c.target_type))
    UNION ALL
    SELECT i.key FROM clause c JOIN fhir_reference_index i ON i.param = c.param
    WHERE i.target = found.key AND c.reverse AND (found.round = 0 OR c.iterate) AND (c.target_type IS NULL
      OR EXISTS (SELECT FROM fhir_resource t WHERE t.key = found.key AND t.type = c.target_type))
  ) next WHERE found.round < %(rounds)s
)
SELECT r.type, r.id, r.content, r.patient_id FROM fhir_resource r
WHERE r.key IN (SELECT key FROM found WHERE round > 0) AND r.key <> ALL(%(matches)s::int8[]) AND NOT r.deleted
  AND (%(readable)s::text[] IS NULL OR r.type = ANY(%(readable)s::text[]))
  AND (%(compartment)s::int8[] IS NULL OR r.tokens @> %(compartment)s::int8[] OR r.type <> ALL(%(confined)s::text[]))
ORDER BY r.key LIMIT %(limit)s
"""


def included_rows(
    query: Query, matches: Sequence[int], compartment: str | None, readable: Container[str] | None
) -> list[tuple[str, str, str, str | None]]:
    """(type, id, content, patient id) of what the query includes beside `matches`; one above INCLUDED tells of more."""
    if not query.includes or not matches:
        return []
    clauses = [(param, include) for include in query.includes for param in include.params]
    with raw_cursor() as cursor:
        cursor.execute(
            STATEMENT,
            {
                "params": [param for param, _ in clauses],
                "target_types": [include.target for _, include in clauses],
                "reverse": [include.reverse for _, include in clauses],
                "iterate": [include.iterate for _, include in clauses],
                "matches": list(matches),
                "rounds": ROUNDS if any(include.iterate for include in query.includes) else 1,
                "readable": None if readable is None else [type_ for type_ in resource_types() if type_ in readable],
                "compartment": None if compartment is None else [compartment_term(compartment)],
                "confined": sorted(patient_types()),
                "limit": INCLUDED + 1,
            },
        )
        return cursor.fetchall()
