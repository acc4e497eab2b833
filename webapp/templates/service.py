"""Templates as people choose them, and their saved settings: one's own, and those that a workspace shares."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import func, or_, update
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from render_core.templates import checked_config, template_names, template_schema
from webapp.accounts.service import Actor
from webapp.assets.resolve import sort_out
from webapp.errors import ConflictError, NotFoundError
from webapp.models import Scope, User, VideoTemplate, utc_now
from webapp.pages import behind, cut
from webapp.templates.versions import (
    TEMPLATE_VERSION,
    Content,
    add_version,
    checked_content,
    found_version,
    stored_ids,
)
from webapp.templates.views import (
    LONGEST_TITLE,
    ConfigChange,
    CopyConfig,
    RestoreVersion,
    SaveConfig,
    SavedConfigPage,
    SavedConfigView,
    TemplateView,
)
from webapp.workspaces.policy import Action, authorize, is_open_to, require_scope
from webapp.workspaces.service import workspace_for

MOST_SAVED = 500


def list_templates() -> tuple[TemplateView, ...]:
    """All templates; they are everybody's."""
    return tuple(_template_view(name) for name in template_names())


def _template_view(name: str) -> TemplateView:
    schema = template_schema(name)
    return TemplateView(
        template_name=name,
        template_version=TEMPLATE_VERSION,
        title=str(schema["title"]),
        config_schema=schema,
        example=checked_config(name, {}),
    )


def save_config(session: Session, actor: Actor, order: SaveConfig) -> SavedConfigView:
    """Keep settings, complete and checked, as new ones or as a new version of those with this id.

    Raises:
        InvalidInputError: Unknown or out of range; the field says where.
        NotFoundError: An asset, a workspace or settings that the actor may not use.
        ConflictError: Somebody has saved a newer version meanwhile, or the actor keeps as many as one person can.
    """
    content = checked_content(session, actor, order)
    saved = _begun(session, actor, order, content) if order.id is None else _known(session, actor, order)
    add_version(session, actor, saved, 0 if order.id is None else order.expected_version, content)
    if order.is_default:
        _make_default(session, actor, saved)
    return SavedConfigView.of(saved, actor)


def _begun(session: Session, actor: Actor, order: SaveConfig, content: Content) -> VideoTemplate:
    """New settings, still without a version."""
    workspace = workspace_for(session, actor, order.workspace_id, Action.WRITE_TEMPLATES)
    own = select(func.count()).where(VideoTemplate.user_id == actor.user_id)
    if session.exec(own).one() >= MOST_SAVED:
        raise ConflictError(f"You keep {MOST_SAVED} settings already, which is the most: delete some first.", "title")
    saved = VideoTemplate(
        template_name=order.template_name,
        user_id=actor.user_id,
        workspace_id=workspace.id,
        is_public=order.is_public,
        version=0,
        **content,
    )
    session.add(saved)
    session.flush()
    return saved


def _known(session: Session, actor: Actor, order: SaveConfig) -> VideoTemplate:
    """The settings that get a new version."""
    assert order.id is not None  # noqa: S101 - the caller has looked
    saved = found_config(session, actor, order.id, Action.WRITE_TEMPLATES)
    if saved.template_name != order.template_name:
        raise ConflictError(f"These settings are of {saved.template_name}: save yours anew.", "template_name")
    return saved


def found_config(session: Session, actor: Actor, config_id: UUID, action: Action) -> VideoTemplate:
    """The row of settings that are the actor's own or shared in a workspace of theirs, if they may do this there.

    Raises:
        NotFoundError: Neither; ForbiddenError: they may only look.
    """
    unknown = NotFoundError("There are no such saved settings of yours.", "config_id")
    row = session.get(VideoTemplate, config_id)
    if row is None or not (row.is_public or row.user_id == actor.user_id):
        raise unknown
    authorize(session, actor, action, row.workspace_id, unknown=unknown)
    return row


def require_config(session: Session, actor: Actor, config_id: UUID, template_name: str) -> None:
    """Refuse settings that the actor may not read, or of another template.

    Raises:
        NotFoundError: There are none for the actor; ConflictError: They are of another template.
    """
    try:
        row = found_config(session, actor, config_id, Action.READ_TEMPLATES)
    except NotFoundError as error:
        raise NotFoundError(error.detail, "template_id") from None
    if row.template_name != template_name:
        raise ConflictError(f"These settings are of {row.template_name}: leave them out.", "template_id")


def titles_of(session: Session, actor: Actor, config_ids: Iterable[UUID]) -> dict[UUID, str]:
    """What settings are called, of those that the actor may read."""
    rows = session.exec(_readable_by(actor).where(col(VideoTemplate.id).in_(set(config_ids))))
    return {row.id: row.title for row in rows}


def get_config(session: Session, actor: Actor, config_id: UUID) -> SavedConfigView:
    """Saved settings that the actor may read."""
    return SavedConfigView.of(found_config(session, actor, config_id, Action.READ_TEMPLATES), actor)


def list_configs(
    session: Session,
    actor: Actor,
    *,
    template_name: str | None = None,
    workspace_id: UUID | None = None,
    limit: int = 20,
    cursor: str | None = None,
) -> SavedConfigPage:
    """The actor's own and those that their workspaces share, the newest first: of one template or workspace alone."""
    require_scope(actor, Scope.TEMPLATES_READ)
    rows = _readable_by(actor)
    if template_name is not None:
        rows = rows.where(VideoTemplate.template_name == template_name)
    if workspace_id is not None:
        workspace = authorize(session, actor, Action.READ_TEMPLATES, workspace_id)
        rows = rows.where(VideoTemplate.workspace_id == workspace.id)
    newest = behind(rows, col(VideoTemplate.created_at), col(VideoTemplate.id), limit=limit, cursor=cursor)
    page, next_cursor = cut(session.exec(newest).all(), limit, lambda row: (row.created_at, row.id))
    return SavedConfigPage(configs=tuple(SavedConfigView.of(row, actor) for row in page), next_cursor=next_cursor)


def _readable_by(actor: Actor) -> SelectOfScalar[VideoTemplate]:
    own_or_shared = or_(col(VideoTemplate.user_id) == actor.user_id, col(VideoTemplate.is_public))
    return select(VideoTemplate).where(own_or_shared, is_open_to(VideoTemplate.workspace_id, actor.user_id))


def duplicate_config(session: Session, actor: Actor, config_id: UUID, copy: CopyConfig) -> SavedConfigView:
    """Make settings of one's own from ones that one may read."""
    row = found_config(session, actor, config_id, Action.READ_TEMPLATES)
    usable, _missing = sort_out(session, actor, stored_ids(row.user_assets))
    title = copy.title if copy.title is not None else f"Copy of {row.title}"[:LONGEST_TITLE]
    order = SaveConfig(
        template_name=row.template_name,
        config=row.config,
        user_assets=usable,
        title=title,
        workspace_id=copy.workspace_id,
    )
    return save_config(session, actor, order)


def restore_config(session: Session, actor: Actor, config_id: UUID, wanted: RestoreVersion) -> SavedConfigView:
    """Make an earlier version the newest one, without assets that are gone.

    Raises:
        NotFoundError: There is no such version.
        ConflictError: Somebody has saved a newer version meanwhile.
        InvalidInputError: The template no longer takes its settings.
    """
    row = found_config(session, actor, config_id, Action.WRITE_TEMPLATES)
    version = found_version(session, row.id, wanted.version)
    usable, _missing = sort_out(session, actor, stored_ids(version.user_assets))
    order = SaveConfig(
        template_name=row.template_name,
        config=version.config,
        user_assets=usable,
        title=version.title,
        id=row.id,
        expected_version=wanted.expected_version,
    )
    return save_config(session, actor, order)


def change_config(session: Session, actor: Actor, config_id: UUID, change: ConfigChange) -> SavedConfigView:
    """Share settings with their workspace, or begin one's drafts with them; or no longer.

    Raises:
        ConflictError: Somebody else's cannot be one's default.
    """
    action = Action.READ_TEMPLATES if change.is_public is None else Action.WRITE_TEMPLATES
    row = found_config(session, actor, config_id, action)
    if change.is_public is not None:
        row.is_public = change.is_public
    if change.is_default is not None:
        require_scope(actor, Scope.TEMPLATES_WRITE)
        if row.user_id != actor.user_id:
            raise ConflictError("These are somebody else's settings: duplicate them first.", "is_default")
        if change.is_default:
            _make_default(session, actor, row)
        else:
            row.is_default = False
    row.updated_at = utc_now()
    session.flush()
    return SavedConfigView.of(row, actor)


def _make_default(session: Session, actor: Actor, saved: VideoTemplate) -> None:
    """In the place of the one before. Defaults of one user are set one after the other."""
    if saved.user_id != actor.user_id:
        raise ConflictError("These are somebody else's settings: duplicate them first.", "is_default")
    session.exec(select(User.id).where(User.id == actor.user_id).with_for_update(key_share=True)).one()
    own = col(VideoTemplate.user_id) == actor.user_id
    same = col(VideoTemplate.template_name) == saved.template_name
    session.execute(update(VideoTemplate).where(own, same, col(VideoTemplate.is_default)).values(is_default=False))
    saved.is_default = True
    session.flush()


def find_default(session: Session, actor: Actor, template_name: str) -> SavedConfigView | None:
    """What the actor's drafts of a template begin with, if they have chosen something and may still use it."""
    require_scope(actor, Scope.TEMPLATES_READ)
    own = col(VideoTemplate.user_id) == actor.user_id
    wanted = _readable_by(actor).where(own, VideoTemplate.template_name == template_name)
    row = session.exec(wanted.where(col(VideoTemplate.is_default))).one_or_none()
    return None if row is None else SavedConfigView.of(row, actor)


def delete_config(session: Session, actor: Actor, config_id: UUID) -> None:
    """Remove settings with all their versions; videos that were made from them stay."""
    session.delete(found_config(session, actor, config_id, Action.WRITE_TEMPLATES))
    session.flush()
