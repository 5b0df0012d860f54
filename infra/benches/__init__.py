"""Benches: what the product does a second, on one machine that carries the load generator and PostgreSQL too."""
