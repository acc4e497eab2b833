"""Uploads are prepared before they are used: their jobs, and what was made of them."""

import sqlalchemy as sa
from alembic import op


revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("video_assets", sa.Column("progress", sa.Integer(), nullable=False, server_default="100"))
    op.add_column("video_assets", sa.Column("content_sha256", sa.String(64), nullable=True))
    # What is there was stored as it came.
    op.execute("UPDATE video_assets SET content_sha256 = sha256")
    op.create_table(
        "preparation_jobs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column(
            "job_status",
            sa.Enum(
                "queued",
                "processing",
                "completed",
                "failed",
                "cancelled",
                name="jobstate",
                native_enum=False,
                create_constraint=True,
                length=16,
            ),
            nullable=False,
        ),
        sa.Column("worker_id", sa.String(200), nullable=True),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("error_code", sa.String(50), nullable=True),
        sa.Column("error_message", sa.String(2000), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("asset_id", sa.Uuid(), nullable=True),
        sa.Column(
            "asset_type",
            sa.Enum(
                "avatar",
                "cover",
                "music",
                "background",
                name="assettype",
                native_enum=False,
                create_constraint=True,
                length=16,
            ),
            nullable=False,
        ),
        sa.Column("source_path", sa.String(300), nullable=False),
        sa.Column("target_path", sa.String(300), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("cleared_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["asset_id"], ["video_assets.id"], name=op.f("fk_preparation_jobs_asset_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_preparation_jobs_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_preparation_jobs")),
        sa.UniqueConstraint("source_path", name=op.f("uq_preparation_jobs_source_path")),
    )
    op.create_index(op.f("ix_preparation_jobs_asset_id"), "preparation_jobs", ["asset_id"])
    op.create_index(op.f("ix_preparation_jobs_workspace_id"), "preparation_jobs", ["workspace_id"])
    op.create_index(
        "ix_preparation_jobs_job_status_workspace_id_created_at",
        "preparation_jobs",
        ["job_status", "workspace_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        "ix_preparation_jobs_cleared_at_completed_at", "preparation_jobs", ["cleared_at", "completed_at"], unique=False
    )
    # Queues are looked at workspace by workspace.
    op.drop_index("ix_render_jobs_job_status_created_at", table_name="render_jobs")
    op.create_index(
        "ix_render_jobs_job_status_workspace_id_created_at",
        "render_jobs",
        ["job_status", "workspace_id", "created_at", "id"],
        unique=False,
    )


def downgrade() -> None:
    op.drop_index("ix_render_jobs_job_status_workspace_id_created_at", table_name="render_jobs")
    op.create_index("ix_render_jobs_job_status_created_at", "render_jobs", ["job_status", "created_at"], unique=False)
    # Nothing would make an unfinished upload ready any more.
    op.execute("DELETE FROM video_assets WHERE content_sha256 IS NULL")
    op.drop_table("preparation_jobs")
    op.drop_column("video_assets", "content_sha256")
    op.drop_column("video_assets", "progress")
