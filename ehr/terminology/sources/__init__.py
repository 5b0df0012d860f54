"""Readers of the releases that publishers hand out, one module each. Pure: no Django, no database."""
