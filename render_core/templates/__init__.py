"""Templates: from inputs and settings to a composition, with a schema of what can be set."""

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from typing import Any, TypedDict, Unpack

from render_core.composition import Composition
from render_core.errors import InvalidInputError
from render_core.spec import AssetRef, RenderSpec
from render_core.templates.registry import Role, Template, checked_video, config_of, heard_roles, schema_of
from render_core.templates.variables import fill, variables_in

_PLACES = {
    "LipSyncTemplate": "lip_sync:LIP_SYNC",
    "NewsTemplate": "news:NEWS",
    "SplitTalkingHead": "split:SPLIT",
    "PromoTemplate": "promo:PROMO",
}
"""Where each is. It is imported when it is asked for: a process that draws one video needs one of them."""


def template_names() -> tuple[str, ...]:
    """The names that specs may use."""
    return tuple(_PLACES)


def template_schema(name: str) -> dict[str, Any]:
    """JSON Schema of a template's settings; its inputs are listed under ``x-assets``."""
    return schema_of(_template(name))


def asset_roles(name: str) -> tuple[Role, ...]:
    """The inputs of a template."""
    return _template(name).roles


def roles_to_hear(name: str, config: Mapping[str, object]) -> frozenset[str]:
    """The inputs whose speech or beat matters with these settings: for who probes files only when he renders them."""
    return heard_roles(_template(name), config)


class Choices(TypedDict, total=False):
    """What else a request may say.

    Attributes:
        scale: Size of the output relative to the settings' width and height.
        output: ``mp4``, ``webm`` or ``gif``; a GIF is made smaller, as its profile says.
        quality: ``draft``, ``standard`` or ``high``.
        variables: Values of the ``{{name}}`` in the texts; the spec holds the filled texts. Others are ignored.
    """

    scale: float
    output: str
    quality: str
    variables: Mapping[str, str]


def make_spec(
    template: str,
    assets: Mapping[str, tuple[AssetRef, ...]],
    config: Mapping[str, object],
    **choices: Unpack[Choices],
) -> RenderSpec:
    """Check everything a user gave and put it into a spec, as ``make_video`` does."""
    return make_video(template, assets, config, **choices)[0]


def make_video(
    template: str,
    assets: Mapping[str, tuple[AssetRef, ...]],
    config: Mapping[str, object],
    **choices: Unpack[Choices],
) -> tuple[RenderSpec, Composition]:
    """Check everything a user gave: the spec of it, and the composition that ``build`` makes of that.

    Args:
        template: A registered name.
        assets: Files by role; a role that takes one file gets a tuple of one.
        config: Settings by their public names; what is not given has its default.
        **choices: What else was said; a whole, standard MP4 otherwise.

    Raises:
        InvalidInputError: With the path of the first wrong field, the limit and what to do.
    """
    return checked_video(
        _template(template),
        assets,
        fill(config, choices.get("variables", {})),
        scale=choices.get("scale", 1.0),
        output=choices.get("output", "mp4"),
        quality=choices.get("quality", "standard"),
    )


def checked_config(name: str, config: Mapping[str, object]) -> dict[str, Any]:
    """A template's settings, complete, by their public names.

    Raises:
        InvalidInputError: With the path of the first wrong field, the limit and what to do.
    """
    return config_of(_template(name), config)


def build(spec: RenderSpec) -> Composition:
    """The composition that a spec made by ``make_spec`` describes."""
    return _template(spec.template).build(spec)


@cache
def _template(name: str) -> Template:
    if name not in _PLACES:
        known = ", ".join(_PLACES)
        raise InvalidInputError("template_name", f"there is no template “{name}”; known are {known}")
    module, _, attribute = _PLACES[name].partition(":")
    template: Template = getattr(import_module(f"{__name__}.{module}"), attribute)
    return template


__all__ = [
    "Role",
    "asset_roles",
    "build",
    "checked_config",
    "make_spec",
    "make_video",
    "roles_to_hear",
    "template_names",
    "template_schema",
    "variables_in",
]
