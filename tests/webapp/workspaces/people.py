"""A workspace of Ann's with people in every role, for tests."""

from dataclasses import dataclass
from uuid import UUID

from tests.webapp.product import Product
from webapp.accounts.service import Actor
from webapp.models import Role, Scope, WorkspaceMember


def become(product: Product, actor: Actor, workspace_id: UUID, role: Role) -> None:
    """Make somebody a member without asking anybody."""
    product.do(
        lambda session: session.add(WorkspaceMember(workspace_id=workspace_id, user_id=actor.user_id, role=role))
    )


@dataclass(frozen=True)
class People:
    """Ann owns the workspace, Ed edits, Vi looks; Sam has nothing to do with it."""

    workspace_id: UUID
    ann: Actor
    ed: Actor
    vi: Actor
    sam: Actor


def gather(product: Product) -> People:
    ann, ed, vi, sam = (product.user(name) for name in ("ann", "ed", "vi", "sam"))
    workspace_id = product.workspace(ann).id
    become(product, ed, workspace_id, Role.EDITOR)
    become(product, vi, workspace_id, Role.VIEWER)
    return People(workspace_id, ann, ed, vi, sam)


def program(actor: Actor, *scopes: Scope) -> Actor:
    """A program of somebody's, with a key for these scopes."""
    return Actor(user_id=actor.user_id, display_name=actor.display_name, scopes=frozenset(scopes))
