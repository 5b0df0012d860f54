"""Everything around the product: it drives the product, and nothing of the product imports it."""
