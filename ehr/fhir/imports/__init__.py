"""Bulk import of FHIR files: streaming, restartable, idempotent by (source, type, id in the source)."""
