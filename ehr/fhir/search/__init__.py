"""FHIR R4 search (search.html): what a resource is indexed under, how a query is read, and the SQL that answers it.

`extract` runs on every write; `parse` makes a typed query of a query string; `search` runs it. `terms` is what both
sides have in common: the 64-bit hashes in fhir_resource.tokens.
"""
