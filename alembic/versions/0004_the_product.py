"""People, invites, versions of saved settings, shared videos, outgoing webhooks."""

import json
from uuid import uuid4

import sqlalchemy as sa
from alembic import op


revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "login_attempts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state_hash", sa.String(64), nullable=False),
        sa.Column("browser_hash", sa.String(64), nullable=False),
        sa.Column("nonce", sa.String(100), nullable=False),
        sa.Column("code_verifier", sa.String(200), nullable=False),
        sa.Column("next_path", sa.String(500), nullable=False),
        sa.Column("door", sa.String(16), nullable=False),
        sa.Column("redirect_uri", sa.String(500), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_login_attempts")),
        sa.UniqueConstraint("state_hash", name=op.f("uq_login_attempts_state_hash")),
    )
    op.create_index(op.f("ix_login_attempts_expires_at"), "login_attempts", ["expires_at"], unique=False)
    op.create_table(
        "spent_proofs",
        sa.Column("proof_hash", sa.String(64), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("proof_hash", name=op.f("pk_spent_proofs")),
    )
    op.create_index(op.f("ix_spent_proofs_expires_at"), "spent_proofs", ["expires_at"], unique=False)
    op.create_table(
        "webhook_endpoints",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("url", sa.String(2000), nullable=False),
        sa.Column("description", sa.String(200), nullable=False),
        sa.Column("event_types", sa.JSON(), nullable=False),
        sa.Column("secret", sa.String(500), nullable=False),
        sa.Column("previous_secret", sa.String(500), nullable=True),
        sa.Column("previous_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failing_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("disabled_reason", sa.String(500), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_webhook_endpoints_user_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_webhook_endpoints_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_endpoints")),
    )
    op.create_index(op.f("ix_webhook_endpoints_workspace_id"), "webhook_endpoints", ["workspace_id"], unique=False)
    op.create_table(
        "webhook_messages",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("event_type", sa.String(100), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_webhook_messages_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_messages")),
    )
    op.create_index("ix_webhook_messages_created_at", "webhook_messages", ["created_at"], unique=False)
    op.create_table(
        "workspace_invites",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("invited_by", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column(
            "role",
            sa.Enum("viewer", "editor", "owner", name="role", native_enum=False, create_constraint=True, length=16),
            nullable=False,
        ),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("used_by", sa.Uuid(), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["invited_by"], ["users.id"], name=op.f("fk_workspace_invites_invited_by"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["used_by"], ["users.id"], name=op.f("fk_workspace_invites_used_by"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_workspace_invites_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_workspace_invites")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_workspace_invites_token_hash")),
    )
    op.create_index(op.f("ix_workspace_invites_workspace_id"), "workspace_invites", ["workspace_id"], unique=False)
    op.create_table(
        "video_template_versions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("template_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("template_version", sa.String(16), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("config", sa.JSON(), nullable=False),
        sa.Column("user_assets", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["template_id"],
            ["video_templates.id"],
            name=op.f("fk_video_template_versions_template_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_video_template_versions_user_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_video_template_versions")),
        sa.UniqueConstraint("template_id", "version", name=op.f("uq_video_template_versions_template_id_version")),
    )
    op.create_table(
        "webhook_deliveries",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("endpoint_id", sa.Uuid(), nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "pending",
                "delivered",
                "failed",
                name="deliverystate",
                native_enum=False,
                create_constraint=True,
                length=16,
            ),
            nullable=False,
        ),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["endpoint_id"],
            ["webhook_endpoints.id"],
            name=op.f("fk_webhook_deliveries_endpoint_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["message_id"], ["webhook_messages.id"], name=op.f("fk_webhook_deliveries_message_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_deliveries")),
        sa.UniqueConstraint("endpoint_id", "message_id", name=op.f("uq_webhook_deliveries_endpoint_id_message_id")),
    )
    op.create_index(op.f("ix_webhook_deliveries_message_id"), "webhook_deliveries", ["message_id"], unique=False)
    op.create_index(
        "ix_webhook_deliveries_endpoint_id_created_at",
        "webhook_deliveries",
        ["endpoint_id", "created_at"],
        unique=False,
    )
    op.create_index(
        "ix_webhook_deliveries_state_next_attempt_at", "webhook_deliveries", ["state", "next_attempt_at"], unique=False
    )
    op.create_table(
        "webhook_attempts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("delivery_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("status_code", sa.Integer(), nullable=True),
        sa.Column("error", sa.String(500), nullable=True),
        sa.Column("answer", sa.String(1000), nullable=False),
        sa.Column("duration_ms", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["delivery_id"], ["webhook_deliveries.id"], name=op.f("fk_webhook_attempts_delivery_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_attempts")),
    )
    op.create_index(op.f("ix_webhook_attempts_delivery_id"), "webhook_attempts", ["delivery_id"], unique=False)
    op.create_table(
        "video_shares",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("video_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_video_shares_user_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["video_id"], ["user_videos.id"], name=op.f("fk_video_shares_video_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_video_shares")),
    )
    op.create_index(op.f("ix_video_shares_video_id"), "video_shares", ["video_id"], unique=False)
    op.add_column("api_keys", sa.Column("scopes", sa.JSON(), nullable=False, server_default="[]"))
    op.add_column("sessions", sa.Column("previous_hash", sa.String(64), nullable=True))
    op.add_column("sessions", sa.Column("next_hash", sa.String(64), nullable=True))
    op.add_column(
        "sessions",
        sa.Column("rotated_at", sa.DateTime(timezone=True), nullable=False, server_default="2026-01-01 00:00:00+00:00"),
    )
    op.add_column("sessions", sa.Column("user_agent", sa.String(300), nullable=False, server_default=""))
    op.add_column("sessions", sa.Column("address", sa.String(64), nullable=False, server_default=""))
    op.create_index(op.f("ix_sessions_previous_hash"), "sessions", ["previous_hash"], unique=True)
    op.create_index(op.f("ix_sessions_next_hash"), "sessions", ["next_hash"], unique=True)
    op.add_column("users", sa.Column("username", sa.String(100), nullable=True))
    op.add_column("users", sa.Column("picture_url", sa.String(500), nullable=True))
    op.add_column("video_assets", sa.Column("search_text", sa.Text(), nullable=False, server_default=""))
    op.add_column("video_assets", sa.Column("poster_path", sa.String(300), nullable=True))
    op.add_column("video_assets", sa.Column("poster_size", sa.BigInteger(), nullable=True))
    op.add_column("video_assets", sa.Column("upload_expires_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("user_videos", sa.Column("pictures_size", sa.BigInteger(), nullable=True))
    op.drop_index("ix_video_assets_user_id_asset_type_sha256", table_name="video_assets")
    has_come = sa.text("sha256 <> ''")
    op.create_index(
        "ix_video_assets_user_id_asset_type_sha256_workspace_id",
        "video_assets",
        ["user_id", "asset_type", "sha256", "workspace_id"],
        unique=True,
        sqlite_where=has_come,
        postgresql_where=has_come,
    )
    op.create_index("ix_video_assets_workspace_id_created_at", "video_assets", ["workspace_id", "created_at"])
    op.create_index("ix_video_assets_file_path", "video_assets", ["file_path"])
    op.add_column("video_templates", sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
    op.add_column("video_templates", sa.Column("user_assets", sa.JSON(), nullable=False, server_default="{}"))
    op.add_column("user_videos", sa.Column("search_text", sa.Text(), nullable=False, server_default=""))
    _carry_over()
    op.create_index(
        "uq_video_templates_default",
        "video_templates",
        ["user_id", "template_name"],
        unique=True,
        sqlite_where=sa.text("is_default"),
        postgresql_where=sa.text("is_default"),
    )


def _carry_over() -> None:
    """Keys go on doing all they did; settings that were saved are their own first version."""
    connection = op.get_bind()
    kinds = ("videos", "assets", "templates", "workspaces", "webhooks")
    scopes = json.dumps([f"{kind}:{how}" for kind in kinds for how in ("read", "write")])
    op.execute(f"UPDATE api_keys SET scopes = '{scopes}'")
    op.execute("UPDATE sessions SET rotated_at = created_at")
    _fold_titles(connection)
    _fold_names(connection)
    _keep_one_default(connection)
    names = ("user_id", "template_version", "title", "config", "created_at")
    saved = sa.table("video_templates", sa.column("id", sa.Uuid()), *_kept_columns())
    versions = sa.table(
        "video_template_versions",
        sa.column("id", sa.Uuid()),
        sa.column("template_id", sa.Uuid()),
        sa.column("version", sa.Integer()),
        sa.column("user_assets", sa.JSON()),
        *_kept_columns(),
    )
    for row in connection.execute(sa.select(saved)).mappings().all():
        kept = {name: row[name] for name in names}
        first = {"id": uuid4(), "template_id": row["id"], "version": 1, "user_assets": {}}
        connection.execute(versions.insert().values(**kept, **first))


def _fold_names(connection):
    assets = sa.table("video_assets", sa.column("id", sa.Uuid()), *map(sa.column, ("asset_name", "search_text")))
    for row in connection.execute(sa.select(assets)).mappings().all():
        folded = " ".join(row["asset_name"].split()).casefold()
        connection.execute(assets.update().where(assets.c.id == row["id"]).values(search_text=folded))


def _fold_titles(connection):
    names = ("video_title", "video_description", "search_text")
    videos = sa.table("user_videos", sa.column("id", sa.Uuid()), *map(sa.column, names))
    for row in connection.execute(sa.select(videos)).mappings().all():
        folded = f"{row['video_title']}\n{row['video_description']}".casefold()
        connection.execute(videos.update().where(videos.c.id == row["id"]).values(search_text=folded))


def _keep_one_default(connection):
    """Of each user and template: the newest."""
    saved = sa.table("video_templates", *map(sa.column, ("id", "user_id", "template_name", "is_default", "created_at")))
    defaults = sa.select(saved).where(saved.c.is_default == sa.true()).order_by(saved.c.created_at.desc())
    kept = set()
    for row in connection.execute(defaults).mappings().all():
        owner = (row["user_id"], row["template_name"])
        if owner in kept:
            connection.execute(saved.update().where(saved.c.id == row["id"]).values(is_default=False))
        kept.add(owner)


def _kept_columns():
    return (
        sa.column("user_id", sa.Uuid()),
        sa.column("template_version", sa.String(16)),
        sa.column("title", sa.String(200)),
        sa.column("config", sa.JSON()),
        sa.column("created_at", sa.DateTime(timezone=True)),
    )


def downgrade() -> None:
    op.drop_index("uq_video_templates_default", table_name="video_templates")
    op.drop_column("user_videos", "search_text")
    op.drop_column("video_templates", "user_assets")
    op.drop_column("video_templates", "version")
    op.drop_index("ix_video_assets_file_path", table_name="video_assets")
    op.drop_index("ix_video_assets_workspace_id_created_at", table_name="video_assets")
    op.drop_index("ix_video_assets_user_id_asset_type_sha256_workspace_id", table_name="video_assets")
    # One user's same bytes in two workspaces, and uploads on their way, are unknown to the tables of before.
    op.execute(
        "DELETE FROM video_assets WHERE sha256 = '' OR EXISTS (SELECT 1 FROM video_assets AS other WHERE"
        " other.user_id = video_assets.user_id AND other.asset_type = video_assets.asset_type"
        " AND other.sha256 = video_assets.sha256 AND other.id < video_assets.id)"
    )
    op.create_index(
        "ix_video_assets_user_id_asset_type_sha256", "video_assets", ["user_id", "asset_type", "sha256"], unique=True
    )
    op.drop_column("user_videos", "pictures_size")
    op.drop_column("video_assets", "upload_expires_at")
    op.drop_column("video_assets", "search_text")
    op.drop_column("video_assets", "poster_size")
    op.drop_column("video_assets", "poster_path")
    op.drop_column("users", "picture_url")
    op.drop_column("users", "username")
    op.drop_index(op.f("ix_sessions_next_hash"), table_name="sessions")
    op.drop_index(op.f("ix_sessions_previous_hash"), table_name="sessions")
    op.drop_column("sessions", "address")
    op.drop_column("sessions", "user_agent")
    op.drop_column("sessions", "rotated_at")
    op.drop_column("sessions", "next_hash")
    op.drop_column("sessions", "previous_hash")
    op.drop_column("api_keys", "scopes")
    op.drop_index(op.f("ix_video_shares_video_id"), table_name="video_shares")
    op.drop_table("video_shares")
    op.drop_index(op.f("ix_webhook_attempts_delivery_id"), table_name="webhook_attempts")
    op.drop_table("webhook_attempts")
    op.drop_index("ix_webhook_deliveries_state_next_attempt_at", table_name="webhook_deliveries")
    op.drop_index("ix_webhook_deliveries_endpoint_id_created_at", table_name="webhook_deliveries")
    op.drop_index(op.f("ix_webhook_deliveries_message_id"), table_name="webhook_deliveries")
    op.drop_table("webhook_deliveries")
    op.drop_table("video_template_versions")
    op.drop_index(op.f("ix_workspace_invites_workspace_id"), table_name="workspace_invites")
    op.drop_table("workspace_invites")
    op.drop_index("ix_webhook_messages_created_at", table_name="webhook_messages")
    op.drop_table("webhook_messages")
    op.drop_index(op.f("ix_webhook_endpoints_workspace_id"), table_name="webhook_endpoints")
    op.drop_table("webhook_endpoints")
    op.drop_index(op.f("ix_spent_proofs_expires_at"), table_name="spent_proofs")
    op.drop_table("spent_proofs")
    op.drop_index(op.f("ix_login_attempts_expires_at"), table_name="login_attempts")
    op.drop_table("login_attempts")
