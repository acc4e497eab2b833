"""A workspace with one of everything in it, those who may not get at it, and everything that they could name."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlmodel import Session

from cluster.jobs import JobState
from render_core.spec import SpriteSheet
from tests.webapp.logins import log_in
from tests.webapp.product import Product
from tests.webapp.refusals.routes import ROUTES
from webapp.accounts.keys import create_api_key, revoke_api_key
from webapp.accounts.service import Actor
from webapp.models import (
    ApiKey,
    RenderJob,
    RenderStatus,
    Role,
    Scope,
    UserSession,
    UserVideo,
    VideoAsset,
    VideoShare,
    VideoTemplate,
    VideoTemplateVersion,
    WebhookDelivery,
    WebhookEndpoint,
    WebhookMessage,
    WorkspaceMember,
    utc_now,
)
from webapp.renders.shares import list_shares
from webapp.workspaces.invites import invite
from webapp.workspaces.places import create_room, create_task
from webapp.workspaces.service import create_workspace, personal_workspace

SECRET = "Geheimnis"  # in all that strangers must not be told
_SOON = timedelta(hours=1)


@dataclass(frozen=True, kw_only=True)
class Stage:
    """Who plays, and what there is to be named.

    Attributes:
        ids: Of what is Ann's, by the names that routes and handlers give to their parameters.
        tokens: Of sessions, by who is logged in: ann owns, ed edits, vi looks, sam is elsewhere, and gone was an editor
            who has made everything here. Ended: a session of Ann's.
        keys: Of Ann's programs: revoked, expired, without one scope, and by the scopes that some route takes.
    """

    product: Product
    ids: dict[str, str]
    tokens: dict[str, str]
    keys: dict[str, str]

    @property
    def secrets(self) -> frozenset[str]:
        """Ids that no row of a stranger's may speak of."""
        return frozenset(value.replace("-", "") for value in self.ids.values() if _is_uuid(value))


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def set_stage(product: Product) -> Stage:
    people = {name: product.do(lambda session, name=name: log_in(session, name)) for name in ("ed", "vi", "sam")}
    people["ann"] = product.do(lambda session: log_in(session, f"{SECRET} ann"))
    people["gone"] = product.do(lambda session: log_in(session, "gone"))
    ended = product.do(lambda session: log_in(session, f"{SECRET} ann"))
    actors = {name: actor for name, (actor, _token) in people.items()}
    asset_id = product.upload(actors["gone"], product.media.avatar, name=f"{SECRET}.mp4").id
    ids = product.do(lambda session: _furnish(session, product, actors, asset_id))
    combinations = {frozenset({scope}) for scope in Scope} | {entry.scopes for entry in ROUTES.values() if entry.scopes}
    keys = product.do(lambda session: _give_keys(session, actors["ann"], combinations))
    product.do(lambda session: _end(session, ended[0]))
    ids |= {"session_id": str(actors["ann"].session_id), "key_id": keys.pop("id")}
    return Stage(
        product=product, ids=ids, tokens={n: t for n, (_a, t) in people.items()} | {"ended": ended[1]}, keys=keys
    )


def _end(session: Session, actor: Actor) -> None:
    session.get_one(UserSession, actor.session_id).revoked_at = utc_now()


def _furnish(session: Session, product: Product, actors: dict[str, Actor], asset_id: UUID) -> dict[str, str]:
    ann, gone = actors["ann"], actors["gone"]
    workspace = personal_workspace(session, ann)
    create_workspace(session, ann, f"{SECRET} too")  # so that the other one may be archived
    for name, role in (("ed", Role.EDITOR), ("vi", Role.VIEWER)):
        session.add(WorkspaceMember(workspace_id=workspace.id, user_id=actors[name].user_id, role=role))
    asset = session.get_one(VideoAsset, asset_id)
    asset.workspace_id = workspace.id
    room = create_room(session, ann, workspace.id, SECRET)
    task = create_task(session, ann, room.id, SECRET, SECRET)
    made = invite(session, ann, workspace.id, Role.VIEWER)
    session.flush()
    place = {"workspace_id": workspace.id, "room_id": room.id, "task_id": task.id}
    order = product.order(asset_id, mainText=SECRET).model_dump(mode="json")
    videos = {
        name: _video(session, product, gone, order, status, place)
        for name, status in (
            ("video_id", RenderStatus.COMPLETED),
            ("running_id", RenderStatus.PENDING),
            ("failed_id", RenderStatus.FAILED),
        )
    }
    share = VideoShare(video_id=videos["video_id"], user_id=gone.user_id, expires_at=utc_now() + _SOON)
    session.add(share)
    session.flush()
    [shown] = list_shares(session, product.container.links, ann, videos["video_id"])
    found = {
        **place,
        **videos,
        "asset_id": asset_id,
        "share_id": share.id,
        "invite_id": made.id,
        "user_id": ann.user_id,
        "member_id": actors["ed"].user_id,
        **_settings(session, gone, workspace.id),
        **_webhook(session, product, gone, workspace.id),
    }
    words = {"token": made.token, "share_token": shown.url.rpartition("/")[2], "name": SECRET}
    return {name: str(value) for name, value in found.items()} | words


def _video(
    session: Session,
    product: Product,
    maker: Actor,
    order: dict[str, object],
    status: RenderStatus,
    place: dict[str, UUID],
) -> UUID:
    video = UserVideo(
        user_id=maker.user_id,
        **place,
        video_title=SECRET,
        video_description=SECRET,
        render_status=status,
        input_props=order | {name: str(value) for name, value in place.items()},
    )
    if status is RenderStatus.COMPLETED:
        for name in ("output", "poster", "sprites"):
            product.container.objects.put_bytes(f"videos/{video.id}/{name}", SECRET.encode())
        video.output_path, video.output_size = f"videos/{video.id}/output", len(SECRET)
        video.poster_path, video.sprites_path = f"videos/{video.id}/poster", f"videos/{video.id}/sprites"
        video.sprite_sheet = SpriteSheet(
            width=16, height=9, columns=1, count=1, every_s=1.0, duration_s=1.0
        ).model_dump(mode="json")
        video.output_url = f"/api/video/{video.id}/download"
    session.add(video)
    session.flush()
    states = {RenderStatus.COMPLETED: JobState.COMPLETED, RenderStatus.FAILED: JobState.FAILED}
    job = RenderJob(video_id=video.id, workspace_id=place["workspace_id"], spec={})
    job.job_status = states.get(status, JobState.QUEUED)
    session.add(job)
    return video.id


def _settings(session: Session, maker: Actor, workspace_id: UUID) -> dict[str, UUID]:
    kept = {"title": SECRET, "config": {"mainText": SECRET}, "user_id": maker.user_id}
    saved = VideoTemplate(template_name="LipSyncTemplate", workspace_id=workspace_id, is_public=True, **kept)
    session.add(saved)
    session.flush()
    session.add(VideoTemplateVersion(template_id=saved.id, version=1, **kept))
    return {"config_id": saved.id}


def _webhook(session: Session, product: Product, maker: Actor, workspace_id: UUID) -> dict[str, UUID]:
    endpoint = WebhookEndpoint(
        workspace_id=workspace_id,
        user_id=maker.user_id,
        url=f"https://example.org/{SECRET}",
        event_types=["ping"],
        secret=product.container.box.seal("whsec_" + "A" * 32),
    )
    message = WebhookMessage(workspace_id=workspace_id, event_type="ping", payload={"word": SECRET})
    session.add_all([endpoint, message])
    session.flush()
    far = utc_now() + timedelta(days=1)
    delivery = WebhookDelivery(endpoint_id=endpoint.id, message_id=message.id, next_attempt_at=far)
    session.add(delivery)
    return {"webhook_id": endpoint.id, "delivery_id": delivery.id, "message_id": message.id}


def _give_keys(session: Session, ann: Actor, combinations: Iterable[frozenset[Scope]]) -> dict[str, str]:
    made = {
        name: create_api_key(session, ann, f"{SECRET} key", scopes=scopes)
        for name, scopes in {
            **{name: frozenset(Scope) for name in ("all but no scope", "revoked", "expired")},
            **{f"all but {scope}": frozenset(Scope) - {scope} for scope in Scope},
            **{" ".join(sorted(scopes)): scopes for scopes in combinations},
        }.items()
    }
    revoke_api_key(session, ann, made["revoked"].id)
    session.get_one(ApiKey, made["expired"].id).expires_at = utc_now() - timedelta(seconds=1)
    return {name: key.secret for name, key in made.items()} | {"id": str(made["all but no scope"].id)}
