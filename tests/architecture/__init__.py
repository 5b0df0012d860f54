"""What can be forgotten cannot be: tests that walk the code, the database's schema, the URLs and the files.

Every rule carries an example that keeps it and one that breaks it, and is tried on both.
"""
