"""Files for whoever has a link: no session, no key, but a signature in the address."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response

from webapp.api.edge import Services
from webapp.api.files import PREPARED_FILE, serve_file
from webapp.assets.service import open_linked_asset
from webapp.db import unit_of_work

router = APIRouter(prefix="/api/files", tags=["files"])


def signed(
    request: Request,
    container: Services,
    expires: Annotated[str, Query(max_length=20)] = "",
    signature: Annotated[str, Query(max_length=64)] = "",
) -> None:
    """Refuse an address that was not signed here, or whose time is over."""
    container.links.verify(request.url.path, expires, signature)


@router.head("/assets/{asset_id}", include_in_schema=False, dependencies=[Depends(signed)])
@router.get("/assets/{asset_id}", response_class=Response, responses=PREPARED_FILE, dependencies=[Depends(signed)])
def asset(request: Request, container: Services, asset_id: UUID) -> Response:
    """The bytes of an asset, whole or in ranges."""
    with unit_of_work(container.engine, is_read_only=True) as session:
        file = open_linked_asset(session, asset_id)
    return serve_file(request, container.objects, file, is_inline=True)
