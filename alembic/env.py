"""Migrations of whatever database the settings name, or of the one that ``webapp.db.migrate`` was given."""

from alembic import context
from webapp.db import create_engine
from webapp.models import metadata
from webapp.settings import load_settings


def run() -> None:
    url = context.config.attributes.get("url") or load_settings().database_url
    engine = create_engine(url).execution_options(is_exclusive=True)
    with engine.begin() as connection:
        context.configure(
            connection=connection,
            target_metadata=metadata,
            render_as_batch=connection.dialect.name == "sqlite",
            compare_type=True,
        )
        context.run_migrations()
    engine.dispose()


run()
