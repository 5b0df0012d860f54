"""Django's PostgreSQL backend with a health check that costs nothing: the ENGINE of every tenant's database."""
