"""What each route of the API takes: the table that every new one must be entered into."""

from dataclasses import dataclass, field
from typing import Any

from webapp.models import Role, Scope
from webapp.workspaces.policy import RULES, Action

Values = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Request:
    """What a request says beside its address. ``{video_id}`` and the like stand for what is Ann's.

    Attributes:
        path: What stands for a parameter of the address, where that is not what its name says.
    """

    path: dict[str, str] = field(default_factory=dict)
    query: Values = field(default_factory=dict)
    body: Values | None = None
    file: str = ""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A route that is not for everybody.

    Attributes:
        role: The least role in the workspace of what is named; None where nothing of a workspace is named.
        scopes: What a key must have been made for; none where no key will do.
        takes_any_key: Whether it does not matter what a key was made for.
        is_named: Whether something of Ann's is named, so that others are told that it is not there.
        has_answer: Whether those who may are given something here: not a stream that never ends, nor pictures of demo
            assets that are not there.
    """

    role: Role | None = None
    scopes: frozenset[Scope] = frozenset()
    takes_any_key: bool = False
    is_named: bool = True
    has_answer: bool = True
    request: Request = field(default_factory=Request)


def takes(action: Action, *beside: Scope, **request: Any) -> Entry:  # noqa: ANN401 - parts of a request
    """A route for members who may do this, and their programs with its scope and those beside it."""
    rule = RULES[action]
    return Entry(role=rule.role, scopes=frozenset({rule.scope, *beside}), request=Request(**request))


def takes_person(role: Role, **request: Any) -> Entry:  # noqa: ANN401 - parts of a request
    """A route for members at a browser."""
    return Entry(role=role, request=Request(**request))


def own(*scopes: Scope, **how: Any) -> Entry:  # noqa: ANN401 - fields of an entry
    """A route for everybody's own things: with scopes for programs too."""
    return Entry(**{"scopes": frozenset(scopes), "is_named": False, **how})


def asks(**request: Any) -> Request:  # noqa: ANN401 - parts of a request
    """What a request says beside its address."""
    return Request(**request)


_AVATAR = {"lipSyncVideo": "{asset_id}"}
_SMALL = {"width": 90, "height": 160}
_ORDER = {"template_name": "LipSyncTemplate", "user_assets": _AVATAR, "config": _SMALL}
_CAPTIONS = {"template_name": "LipSyncTemplate", "user_assets": _AVATAR, "captionText": "word"}
_DIRECT = {"asset_type": "avatar", "file_name": "a.mp4", "size_bytes": 1000, "workspace_id": "{workspace_id}"}
_HERE = {"workspace_id": "{workspace_id}"}
_RUNNING, _FAILED, _MEMBER = {"video_id": "{running_id}"}, {"video_id": "{failed_id}"}, {"user_id": "{member_id}"}
_TEMPLATE = {"template": "LipSyncTemplate"}
_WORD = "word"
_W, _R = Scope.WORKSPACES_WRITE, Scope.WORKSPACES_READ

ROUTES: dict[str, Entry] = {
    "POST /api/auth/logout": own(takes_any_key=True),
    "GET /api/auth/me": own(takes_any_key=True),
    "GET /api/auth/sessions": own(),
    "DELETE /api/auth/sessions": own(),
    "DELETE /api/auth/sessions/{session_id}": own(is_named=True),
    "GET /api/auth/api-keys": own(),
    "POST /api/auth/api-keys": own(request=asks(body={"name": _WORD})),
    "DELETE /api/auth/api-keys/{key_id}": own(is_named=True),
    "GET /api/workspaces": own(_R),
    "POST /api/workspaces": own(_W, request=asks(body={"name": _WORD})),
    "GET /api/workspaces/{workspace_id}": takes(Action.READ_WORKSPACE),
    "PATCH /api/workspaces/{workspace_id}": takes(Action.MANAGE_WORKSPACE, body={"name": _WORD}),
    "POST /api/workspaces/{workspace_id}/archive": takes_person(Role.OWNER),
    "POST /api/workspaces/{workspace_id}/restore": takes_person(Role.OWNER),
    "POST /api/workspaces/{workspace_id}/leave": takes_person(Role.VIEWER),
    "GET /api/workspaces/{workspace_id}/members": takes(Action.READ_WORKSPACE),
    "PATCH /api/workspaces/{workspace_id}/members/{user_id}": takes(
        Action.MANAGE_WORKSPACE, path=_MEMBER, body={"role": "viewer"}
    ),
    "DELETE /api/workspaces/{workspace_id}/members/{user_id}": takes(Action.MANAGE_WORKSPACE, path=_MEMBER),
    "GET /api/workspaces/{workspace_id}/invites": takes(Action.MANAGE_WORKSPACE),
    "POST /api/workspaces/{workspace_id}/invites": takes(Action.MANAGE_WORKSPACE, body={"role": "viewer"}),
    "DELETE /api/workspaces/{workspace_id}/invites/{invite_id}": takes(Action.MANAGE_WORKSPACE),
    "POST /api/invites/accept": own(is_named=True, request=asks(body={"token": "made-up"})),
    "GET /api/invites/{token}": own(is_named=True, request=asks(path={"token": "made-up"})),
    "GET /api/billing/usage": takes(Action.READ_WORKSPACE, query=_HERE),
    "GET /api/rooms": takes(Action.READ_WORKSPACE, query=_HERE),
    "POST /api/rooms": takes(Action.WRITE_PLACES, body={**_HERE, "name": _WORD}),
    "GET /api/rooms/{room_id}": takes(Action.READ_WORKSPACE),
    "PATCH /api/rooms/{room_id}": takes(Action.WRITE_PLACES, body={"name": _WORD}),
    "POST /api/rooms/{room_id}/archive": takes(Action.WRITE_PLACES),
    "POST /api/rooms/{room_id}/restore": takes(Action.WRITE_PLACES),
    "GET /api/tasks": takes(Action.READ_WORKSPACE, query={"room_id": "{room_id}"}),
    "POST /api/tasks": takes(Action.WRITE_PLACES, body={"room_id": "{room_id}", "title": _WORD}),
    "GET /api/tasks/{task_id}": takes(Action.READ_WORKSPACE, Scope.VIDEOS_READ),
    "PATCH /api/tasks/{task_id}": takes(Action.WRITE_PLACES, body={"title": _WORD}),
    "POST /api/tasks/{task_id}/archive": takes(Action.WRITE_PLACES),
    "POST /api/tasks/{task_id}/restore": takes(Action.WRITE_PLACES),
    "POST /api/assets/upload": takes(Action.WRITE_ASSETS, query={"type": "avatar"}, body=_HERE, file="avatar.mp4"),
    "POST /api/assets/direct": takes(Action.WRITE_ASSETS, body=_DIRECT),
    "POST /api/assets/{asset_id}/uploaded": takes(Action.WRITE_ASSETS),
    "GET /api/assets/user-assets": takes(Action.READ_ASSETS, query=_HERE),
    "GET /api/assets/{asset_id}": takes(Action.READ_ASSETS),
    "PATCH /api/assets/{asset_id}": takes(Action.WRITE_ASSETS, body={"asset_name": _WORD}),
    "DELETE /api/assets/{asset_id}": takes(Action.WRITE_ASSETS),
    "GET /api/assets/{asset_id}/content": takes(Action.READ_ASSETS),
    "GET /api/assets/{asset_id}/poster": takes(Action.READ_ASSETS),
    "GET /api/assets/{asset_id}/link": takes(Action.READ_ASSETS),
    "GET /api/assets/{asset_id}/thumbnail": takes(Action.READ_ASSETS),
    "GET /api/previews/{digest}.jpg": own(takes_any_key=True, is_named=True, request=asks(path={"digest": "0" * 64})),
    "POST /api/video/still": own(
        Scope.VIDEOS_READ, Scope.ASSETS_READ, is_named=True, request=asks(query={"height": 16}, body=_ORDER)
    ),
    "GET /api/templates": own(takes_any_key=True),
    "GET /api/templates/{template}/picture.jpg": own(Scope.ASSETS_READ, has_answer=False, request=asks(path=_TEMPLATE)),
    "POST /api/templates/caption-words": own(Scope.ASSETS_READ, is_named=True, request=asks(body=_CAPTIONS)),
    "POST /api/templates/save-config": takes(
        Action.WRITE_TEMPLATES, body={"template_name": "LipSyncTemplate", "config": {}, **_HERE}
    ),
    "GET /api/templates/configs": takes(Action.READ_TEMPLATES, query=_HERE),
    "GET /api/templates/configs/{config_id}": takes(Action.READ_TEMPLATES),
    "PATCH /api/templates/configs/{config_id}": takes(Action.WRITE_TEMPLATES, body={"is_public": True}),
    "DELETE /api/templates/configs/{config_id}": takes(Action.WRITE_TEMPLATES),
    "GET /api/templates/configs/{config_id}/versions": takes(Action.READ_TEMPLATES),
    "POST /api/templates/configs/{config_id}/restore": takes(
        Action.WRITE_TEMPLATES, body={"version": 1, "expected_version": 1}
    ),
    "POST /api/templates/configs/{config_id}/duplicate": takes(
        Action.WRITE_TEMPLATES, Scope.TEMPLATES_READ, body=_HERE
    ),
    "POST /api/video/user-render": takes(Action.WRITE_VIDEOS, Scope.ASSETS_READ, body={**_ORDER, **_HERE}),
    "GET /api/video/render-status": takes(Action.READ_VIDEOS, query={"video_id": "{video_id}"}),
    "POST /api/video/{video_id}/cancel": takes(Action.WRITE_VIDEOS, path=_RUNNING),
    "POST /api/video/{video_id}/retry": takes(Action.WRITE_VIDEOS, Scope.ASSETS_READ, path=_FAILED),
    "GET /api/video/{video_id}/draft": takes(Action.READ_VIDEOS, Scope.ASSETS_READ),
    "PATCH /api/video/{video_id}": takes(Action.WRITE_VIDEOS, body={"video_title": _WORD}),
    "DELETE /api/video/{video_id}": takes(Action.WRITE_VIDEOS),
    "GET /api/videos": takes(Action.READ_VIDEOS, query=_HERE),
    "GET /api/video/{video_id}/download": takes(Action.READ_VIDEOS),
    "GET /api/video/{video_id}/poster": takes(Action.READ_VIDEOS),
    "GET /api/video/{video_id}/sprites": takes(Action.READ_VIDEOS),
    "GET /api/video/{video_id}/sprites.vtt": takes(Action.READ_VIDEOS),
    "POST /api/video/{video_id}/shares": takes(Action.WRITE_VIDEOS, body={"lifetime_s": 3600}),
    "GET /api/video/{video_id}/shares": takes(Action.WRITE_VIDEOS),
    "DELETE /api/video/{video_id}/shares/{share_id}": takes(Action.WRITE_VIDEOS),
    "GET /api/webhooks": takes(Action.READ_WEBHOOKS, query=_HERE),
    "POST /api/webhooks": takes(Action.MANAGE_WEBHOOKS, body={**_HERE, "url": "https://example.org/"}),
    "GET /api/webhooks/{webhook_id}": takes(Action.READ_WEBHOOKS),
    "PATCH /api/webhooks/{webhook_id}": takes(Action.MANAGE_WEBHOOKS, body={"description": _WORD}),
    "DELETE /api/webhooks/{webhook_id}": takes(Action.MANAGE_WEBHOOKS),
    "POST /api/webhooks/{webhook_id}/rotate-secret": takes(Action.MANAGE_WEBHOOKS),
    "POST /api/webhooks/{webhook_id}/ping": takes(Action.MANAGE_WEBHOOKS),
    "GET /api/webhooks/{webhook_id}/deliveries": takes(Action.READ_WEBHOOKS),
    "GET /api/webhooks/{webhook_id}/deliveries/{delivery_id}": takes(Action.READ_WEBHOOKS),
    "POST /api/webhooks/{webhook_id}/deliveries/{delivery_id}/resend": takes(Action.MANAGE_WEBHOOKS),
    "GET /api/render/live-status": own(Scope.VIDEOS_READ, has_answer=False),
}
"""Routes for those who are known; HEAD is as GET."""

BY_LINK = {
    "GET /api/files/assets/{asset_id}": "?signature=made-up",
    "GET /api/share/{token}": "",
    "GET /api/share/{token}/video": "",
    "GET /api/share/{token}/poster": "",
    "GET /share/{token}": "",
}
"""Routes for whoever has a link: with another signature or token there is nothing for anybody, not even its owner."""

PUBLIC = {
    "GET /api/openapi.json": "The description of the API tells of nobody.",
    "GET /api/docs": "As above.",
    "GET /docs/oauth2-redirect": "As above.",
    "* /api/docs-assets": "As above.",
    "GET /api/auth/login": "Who logs in is nobody yet.",
    "GET /api/auth/callback": "As above.",
    "POST /api/auth/telegram/widget": "As above.",
    "POST /api/auth/telegram/mini-app": "As above.",
    "GET /dev-issuer/.well-known/openid-configuration": "The local issuer of identities: in development alone.",
    "GET /dev-issuer/authorize": "As above.",
    "POST /dev-issuer/authorize": "As above.",
    "POST /dev-issuer/token": "As above.",
    "GET /dev-issuer/jwks": "As above.",
    "GET /healthz": "For probes: whether the process answers.",
    "GET /readyz": "For probes: which services answer.",
    "GET /metrics": "Figures without names; who may read them is a matter of settings, see test_ops.",
    "* /api/{path:path}": "Answers everybody that there is nothing.",
}
"""Routes for everybody, each with its reason."""
