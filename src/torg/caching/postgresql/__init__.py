"""Django's backend for PostgreSQL, with marks raised when a transaction ends."""
