"""Runs the steps on the connection that `service.records` gives; the transaction is its own."""

from alembic import context

context.configure(connection=context.config.attributes["connection"], transactional_ddl=True)
context.run_migrations()
