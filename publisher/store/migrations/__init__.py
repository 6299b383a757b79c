"""The chain of schema changes, the same for both databases, run by Alembic."""
