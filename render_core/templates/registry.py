"""The templates there are, what each takes, and how a checked spec becomes a composition."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from fractions import Fraction
from typing import Any

from pydantic import ValidationError

from render_core.composition import Composition
from render_core.errors import InvalidInputError
from render_core.spec import AssetRef, MediaKind, RenderSpec, VideoFormat
from render_core.templates.fitting import fitted
from render_core.templates.settings import Settings, parse_settings

MAX_FILES = 50
LARGEST_SIDE = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """An input of a template.

    Attributes:
        name: As in ``user_assets``.
        title: For people.
        kinds: Which media it takes.
        asset_type: Where uploads for it belong: ``avatar``, ``cover``, ``music`` or ``background``.
        is_required: Whether the template cannot do without it.
        is_many: Whether it takes a list.
        heard_for: The setting for which its speech or its beat is asked for; without it nobody need listen to it.
    """

    name: str
    title: str
    kinds: tuple[MediaKind, ...]
    asset_type: str
    is_required: bool = False
    is_many: bool = False
    heard_for: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A registered template.

    Attributes:
        name: What specs and REST call it.
        title: For people.
        config: Model of its settings.
        roles: Its inputs.
        check: Raises InvalidInputError for settings that cannot be drawn; called when a spec is made.
        build: Makes the composition of a checked spec; raises InvalidInputError for what only shows there.
    """

    name: str
    title: str
    config: type[Settings]
    roles: tuple[Role, ...]
    check: Callable[[Settings], None]
    build: Callable[[RenderSpec], Composition]


def output_format(width: int, height: int, fps: Fraction, scale: float) -> VideoFormat:
    """The format of a video of this size at ``scale``.

    Raises:
        InvalidInputError: If that is larger than encoders take.
    """
    if max(width, height) * scale > LARGEST_SIDE:
        size = f"{width}×{height} at {scale:g} times its size"
        raise InvalidInputError("scale", f"{size} is too large; no side may have more than {LARGEST_SIDE} pixels")
    full = VideoFormat(width=width, height=height, fps=fps)
    return full if scale == 1 else full.scaled(scale)


def schema_of(template: Template) -> dict[str, Any]:
    """JSON Schema of a template's settings, with its inputs under ``x-assets``."""
    schema = template.config.model_json_schema(by_alias=True)
    roles = [
        asdict(role) | {"kind": role.kinds[0], "required": role.is_required, "many": role.is_many}
        for role in template.roles
    ]
    for role in roles:
        del role["is_required"], role["is_many"]
    return schema | {"title": template.title, "x-template": template.name, "x-assets": roles}


def heard_roles(template: Template, config: Mapping[str, object]) -> frozenset[str]:
    """The inputs whose speech or beat matters with these settings, which need not be checked yet."""
    settings = template.config().model_dump(by_alias=True) | dict(config)
    return frozenset(role.name for role in template.roles if role.heard_for and settings[role.heard_for])


def config_of(template: Template, config: Mapping[str, object]) -> dict[str, Any]:
    """A template's settings, complete and checked, by their public names.

    Raises:
        InvalidInputError: With the path of the first wrong field.
    """
    settings = parse_settings(template.config, config)
    template.check(settings)
    return settings.model_dump(mode="json", by_alias=True)


def checked_video(
    template: Template,
    assets: Mapping[str, tuple[AssetRef, ...]],
    config: Mapping[str, object],
    *,
    scale: float,
    output: str,
    quality: str,
) -> tuple[RenderSpec, Composition]:
    """A spec whose every field has been checked, and what it describes.

    Raises:
        InvalidInputError: With the path of the first wrong field.
    """
    settings = config_of(template, config)
    given = {name: tuple(files) for name, files in assets.items() if files}
    _check_assets(template, given)
    spec = _spec(
        template=template.name,
        assets=given,
        config=settings,
        scale=scale,
        output=output,
        quality=quality,
    )
    composition = template.build(spec)  # what fits only as a whole is refused here, and not by a worker
    fitting = fitted(spec, composition)
    return fitting, composition if fitting == spec else template.build(fitting)


def _check_assets(template: Template, assets: Mapping[str, tuple[AssetRef, ...]]) -> None:
    known = {role.name for role in template.roles}
    for name in assets:
        if name not in known:
            raise InvalidInputError(f"user_assets.{name}", f"{template.name} has no such input; remove it")
    for role in template.roles:
        _check_role(role, assets.get(role.name, ()))


def _check_role(role: Role, files: tuple[AssetRef, ...]) -> None:
    field = f"user_assets.{role.name}"
    if role.is_required and not files:
        raise InvalidInputError(field, "is needed; choose or upload a file")
    limit = MAX_FILES if role.is_many else 1
    if len(files) > limit:
        raise InvalidInputError(field, f"takes at most {limit} file{'s' if limit > 1 else ''}, not {len(files)}")
    for index, file in enumerate(files):
        path = f"{field}[{index}]" if role.is_many else field
        _check_file(path, role, file)


def _check_file(field: str, role: Role, file: AssetRef) -> None:
    info = file.info
    if info.kind not in role.kinds:
        raise InvalidInputError(field, f"must be {' or '.join(role.kinds)}, but this file is {info.kind}")
    if info.kind != "audio" and (info.width < 1 or info.height < 1):
        raise InvalidInputError(field, "has no picture; choose another file")
    if info.kind == "video" and not info.frame_count and not info.duration_s:
        raise InvalidInputError(field, "has no frames; choose another file")


def _spec(**fields: Any) -> RenderSpec:  # noqa: ANN401 - pydantic checks them, which is the point
    try:
        return RenderSpec(**fields)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        name = str(first["loc"][0])
        limits = {"scale": "must be greater than 0 and at most 2", "quality": "must be draft, standard or high"}
        limits["output"] = "must be mp4, webm or gif"
        raise InvalidInputError(name, limits.get(name, first["msg"])) from None
