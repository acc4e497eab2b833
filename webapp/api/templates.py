"""Templates over REST."""

from fastapi import APIRouter
from pydantic import BaseModel

from webapp.api.edge import Asking
from webapp.templates.service import SaveConfig, SavedConfigView, TemplateView, list_templates, save_config

router = APIRouter(prefix="/api/templates", tags=["templates"])


class TemplateList(BaseModel):
    """All templates."""

    templates: tuple[TemplateView, ...]


@router.get("")
def templates(caller: Asking) -> TemplateList:
    """The templates with the schemas of their settings."""
    caller.actor()
    return TemplateList(templates=list_templates())


@router.post("/save-config", status_code=201)
def save(caller: Asking, order: SaveConfig) -> SavedConfigView:
    """Keep settings under a title."""
    with caller.transaction() as (session, actor):
        return save_config(session, actor, order)
