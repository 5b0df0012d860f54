"""What the tests run on: databases, network, clients. No tests in here."""
