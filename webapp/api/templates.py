"""Templates over REST, and the settings that people keep."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel

from render_core.templates.caption_config import CaptionWord
from webapp.api.edge import Asking
from webapp.pages import LARGEST_PAGE, CursorText
from webapp.previews.captions import CaptionOrder, ordered_words
from webapp.templates.service import (
    change_config,
    delete_config,
    duplicate_config,
    found_config,
    get_config,
    list_configs,
    list_templates,
    restore_config,
    save_config,
)
from webapp.templates.versions import list_versions
from webapp.templates.views import (
    ConfigChange,
    CopyConfig,
    RestoreVersion,
    SaveConfig,
    SavedConfigPage,
    SavedConfigView,
    TemplateView,
    VersionPage,
)
from webapp.workspaces.policy import Action

router = APIRouter(prefix="/api/templates", tags=["templates"])
_Limit = Annotated[int, Query(ge=1, le=LARGEST_PAGE)]
_Cursor = Annotated[CursorText | None, Query()]


class TemplateList(BaseModel):
    """All templates."""

    templates: tuple[TemplateView, ...]


@router.get("")
def templates(caller: Asking) -> TemplateList:
    """The templates with the schemas of their settings."""
    caller.actor()
    return TemplateList(templates=list_templates())


class CaptionWords(BaseModel):
    """The words of captions, with times in milliseconds."""

    words: tuple[CaptionWord, ...]


@router.post("/caption-words")
def make_caption_words(caller: Asking, order: CaptionOrder) -> CaptionWords:
    """Words of SRT, WebVTT or plain text; plain text is spread over what the template's speaker says."""
    with caller.transaction() as (session, actor):
        return CaptionWords(words=ordered_words(session, actor, order))


@router.post("/save-config", status_code=201)
def save(caller: Asking, order: SaveConfig) -> SavedConfigView:
    """Keep settings under a title; with `id` and `expected_version` as a new version of those kept before."""
    with caller.transaction() as (session, actor):
        return save_config(session, actor, order)


@router.get("/configs")
def configs(
    caller: Asking,
    template_name: Annotated[str | None, Query(max_length=100)] = None,
    workspace_id: UUID | None = None,
    limit: _Limit = 20,
    cursor: _Cursor = None,
) -> SavedConfigPage:
    """The caller's own settings and those that their workspaces share, newest first."""
    with caller.transaction() as (session, actor):
        return list_configs(
            session, actor, template_name=template_name, workspace_id=workspace_id, limit=limit, cursor=cursor
        )


@router.get("/configs/{config_id}")
def config(caller: Asking, config_id: UUID) -> SavedConfigView:
    """Saved settings in their newest version."""
    with caller.transaction() as (session, actor):
        return get_config(session, actor, config_id)


@router.patch("/configs/{config_id}")
def change(caller: Asking, config_id: UUID, change: ConfigChange) -> SavedConfigView:
    """Share settings with their workspace, or make them one's default; or no longer."""
    with caller.transaction() as (session, actor):
        return change_config(session, actor, config_id, change)


@router.delete("/configs/{config_id}", status_code=204)
def delete(caller: Asking, config_id: UUID) -> None:
    """Remove settings with all their versions."""
    with caller.transaction() as (session, actor):
        delete_config(session, actor, config_id)


@router.get("/configs/{config_id}/versions")
def versions(caller: Asking, config_id: UUID, limit: _Limit = 20, cursor: _Cursor = None) -> VersionPage:
    """The versions of settings, newest first."""
    with caller.transaction() as (session, actor):
        saved = found_config(session, actor, config_id, Action.READ_TEMPLATES)
        return list_versions(session, saved, limit=limit, cursor=cursor)


@router.post("/configs/{config_id}/restore")
def restore(caller: Asking, config_id: UUID, wanted: RestoreVersion) -> SavedConfigView:
    """Make an earlier version the newest one."""
    with caller.transaction() as (session, actor):
        return restore_config(session, actor, config_id, wanted)


@router.post("/configs/{config_id}/duplicate", status_code=201)
def duplicate(caller: Asking, config_id: UUID, copy: CopyConfig) -> SavedConfigView:
    """Make settings of one's own from ones that are shared, or a copy of one's own."""
    with caller.transaction() as (session, actor):
        return duplicate_config(session, actor, config_id, copy)
