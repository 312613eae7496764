"""alembic's entry: runs in the transaction that storage/migrate.py has begun."""

from alembic import context

from storage.schema import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
