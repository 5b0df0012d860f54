"""FHIR R4 over HTTP: translates requests into actions and searches, and what comes of them into responses."""
