"""Run by Alembic on the connection, and in the transaction, that schema.py opened."""

from alembic import context

told = context.config.attributes
context.configure(
    connection=told["connection"],
    on_version_apply=lambda step, **_: told["done"](int(step.up_revision_id)),
)
context.run_migrations()
