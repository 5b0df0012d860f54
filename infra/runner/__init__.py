"""`./run`: installs what the checkout needs, starts PostgreSQL, Redis and the product's processes, keeps them alive.

Everything up to the virtual environment uses the standard library alone; `databases` and `keys` are imported
after it exists.
"""
