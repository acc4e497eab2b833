"""Drafts that outlive their process, and what happens to videos beside their rendering."""

import sqlalchemy as sa
from alembic import op


revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_UNDER_WAY = sa.text("render_status IN ('pending', 'rendering')")


def upgrade() -> None:
    op.create_table(
        "tab_drafts",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("tab", sa.String(100), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_tab_drafts_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("user_id", "tab", name=op.f("pk_tab_drafts")),
    )
    op.create_index(op.f("ix_tab_drafts_updated_at"), "tab_drafts", ["updated_at"], unique=False)
    op.create_table(
        "video_notes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("video_id", sa.Uuid(), nullable=False),
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("video_title", sa.String(200), nullable=False),
        sa.Column("video_description", sa.String(2000), nullable=False),
        sa.CheckConstraint("kind IN ('renamed', 'deleted')", name=op.f("ck_video_notes_notekind")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_video_notes_user_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_video_notes_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_video_notes")),
    )
    op.create_index("ix_video_notes_workspace_id_created_at", "video_notes", ["workspace_id", "created_at"])
    op.create_index("ix_user_videos_workspace_id_updated_at", "user_videos", ["workspace_id", "updated_at"])
    op.create_index(
        "ix_user_videos_under_way",
        "user_videos",
        ["workspace_id"],
        sqlite_where=_UNDER_WAY,
        postgresql_where=_UNDER_WAY,
    )
    op.drop_index("ix_user_videos_user_id_updated_at", table_name="user_videos")


def downgrade() -> None:
    op.create_index("ix_user_videos_user_id_updated_at", "user_videos", ["user_id", "updated_at"])
    op.drop_index("ix_user_videos_under_way", table_name="user_videos")
    op.drop_index("ix_user_videos_workspace_id_updated_at", table_name="user_videos")
    op.drop_table("video_notes")
    op.drop_table("tab_drafts")
