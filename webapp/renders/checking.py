"""Orders, checked: all that can be refused is refused before anything is written."""

from dataclasses import dataclass
from uuid import UUID

from sqlmodel import Session

from render_core.spec import RenderSpec
from render_core.templates import make_video
from webapp.accounts.service import Actor
from webapp.assets.resolve import resolve_assets
from webapp.models import Scope
from webapp.plain import plain_line, require_plain
from webapp.renders.views import LONGEST_TITLE, RenderOrder
from webapp.templates.service import require_config
from webapp.workspaces.places import require_place
from webapp.workspaces.policy import Action, require_scope
from webapp.workspaces.service import workspace_for


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedOrder:
    """An order that could be rendered when it was checked.

    Attributes:
        workspace_id: Where it was asked for, also when the order names none.
        room_id: The one that was named, or that of the task.
        spec: What the cluster will be asked for.
        title: Given, or made of the text or the template.
        duration_s: How long the video will be, in seconds.
    """

    order: RenderOrder
    workspace_id: UUID
    room_id: UUID | None
    spec: RenderSpec
    title: str
    duration_s: float


def check_order(session: Session, actor: Actor, order: RenderOrder) -> CheckedOrder:
    """Check everything about an order but the plan, once it is known to be storable. Writes nothing.

    Raises:
        InvalidInputError: The order does not fit its template; the field says where.
        InvalidError: An asset that is not ready.
        NotFoundError: An asset, a place or saved settings that the actor may not use.
        ForbiddenError: The actor may only look there.
    """
    workspace = workspace_for(session, actor, order.workspace_id, Action.WRITE_VIDEOS)
    room_id = require_place(session, workspace.id, order.room_id, order.task_id)
    if order.template_id is not None:
        require_config(session, actor, order.template_id, order.template_name)
    spec, composition = make_video(
        order.template_name,
        resolve_assets(session, actor, order.user_assets),
        order.config,
        output=order.output,
        quality=order.quality,
        variables=order.variables,
    )
    return CheckedOrder(
        order=order,
        workspace_id=workspace.id,
        room_id=room_id,
        spec=spec,
        title=_title(order, spec),
        duration_s=float(composition.frame_count / composition.format.fps),
    )


def preview_spec(session: Session, actor: Actor, order: RenderOrder, *, height: int) -> RenderSpec:
    """What a draft would render, at most ``height`` pixels high: for stills, with nothing reserved or stored."""
    require_scope(actor, Scope.VIDEOS_READ)
    require_storable(order)
    assets = resolve_assets(session, actor, order.user_assets)
    full, video = make_video(order.template_name, assets, order.config, quality="draft", variables=order.variables)
    return full.model_copy(update={"scale": min(1.0, height / video.format.height)})


def require_storable(order: RenderOrder) -> None:
    """Refuse settings and values that no database stores.

    Raises:
        InvalidError: With the path of the offending value.
    """
    require_plain(order.config, "config")
    require_plain(order.variables, "variables")


def _title(order: RenderOrder, spec: RenderSpec) -> str:
    if order.video_title is not None:
        return checked_title(order.video_title)
    headline = spec.config.get("mainText")
    words = headline.split() if isinstance(headline, str) else []
    return " ".join(words)[:LONGEST_TITLE] or order.template_name


def checked_title(title: str) -> str:
    """A title that can be shown and stored.

    Raises:
        InvalidError: Empty, too long, or with characters that cannot be stored.
    """
    return plain_line(title, "video_title", LONGEST_TITLE)
