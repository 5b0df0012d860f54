"""/metrics: what operators watch, as Prometheus text. Counts, times and names of tenants; nothing of a patient."""
