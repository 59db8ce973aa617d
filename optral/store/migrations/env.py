"""What Alembic runs; the connection and its transaction are the caller's (`run.py`)."""

from alembic import context

context.configure(connection=context.config.attributes["connection"], transactional_ddl=True)
with context.begin_transaction():
    context.run_migrations()
