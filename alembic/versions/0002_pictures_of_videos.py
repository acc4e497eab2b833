"""Posters and sheets of thumbnails beside finished videos."""

import sqlalchemy as sa
from alembic import op


revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("user_videos", sa.Column("poster_path", sa.String(300), nullable=True))
    op.add_column("user_videos", sa.Column("sprites_path", sa.String(300), nullable=True))
    op.add_column("user_videos", sa.Column("sprite_sheet", sa.JSON(), nullable=True))


def downgrade() -> None:
    op.drop_column("user_videos", "sprite_sheet")
    op.drop_column("user_videos", "sprites_path")
    op.drop_column("user_videos", "poster_path")
