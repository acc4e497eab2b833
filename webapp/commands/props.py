"""props.json: the body of a render request, with file paths where the request has asset ids."""

import codecs
import hashlib
import json
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from render_core.errors import InvalidInputError, MediaError
from render_core.media.probe import probe
from render_core.spec import AssetRef, Output, RenderSpec
from render_core.templates import make_spec, roles_to_hear

_KNOWN = {"template_name", "user_assets", "config", "variables", "quality"}
_KNOWN |= {"output", "video_title", "workspace_id", "room_id", "task_id"}
"""The latter mean something to the server only; here the file's name says what the output is."""

_LONGEST_SHOWN = 200
"""Characters of a file's name in a sentence."""


def read_spec(
    path: Path,
    *,
    scale: float = 1.0,
    output: Output = "mp4",
    quality: str | None = None,
    assignments: Sequence[str] = (),
    captions: Path | None = None,
) -> RenderSpec:
    """The render that a props file describes. Relative paths in it start from its own folder.

    Args:
        path: The props file.
        scale: Size of the output relative to the settings' width and height.
        output: Format of the file.
        quality: Name of the encoder profile, which goes before that of the file.
        assignments: Variables as ``name=value``, which go before those of the file.
        captions: A file with SRT, WebVTT or plain text, which goes before the captions of the props.

    Raises:
        InvalidInputError: The file or something in it cannot be used; names the field.
    """
    props = _read_object(path)
    if unknown := sorted(set(props) - _KNOWN):
        raise InvalidInputError(unknown[0], f"unknown field; known are {', '.join(sorted(_KNOWN))}")
    name = props.get("template_name")
    if not isinstance(name, str):
        raise InvalidInputError("template_name", "is missing; `reelgrove templates` lists the names")
    config = props.get("config", {})
    if not isinstance(config, dict):
        raise InvalidInputError("config", "must be an object of settings")
    if captions is not None:
        config = config | {"captions": [], "captionText": _read_captions(captions)}
    heard = roles_to_hear(name, config)
    assets = _assets(props.get("user_assets", {}), path.parent, heard)
    variables = _variables(props.get("variables", {}), assignments)
    quality = quality or str(props.get("quality", "standard"))
    return make_spec(name, assets, config, scale=scale, output=output, quality=quality, variables=variables)


def _read_captions(path: Path) -> str:
    try:
        data = path.read_bytes()
        return data.decode("utf-16" if data[:2] in {codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE} else "utf-8")
    except OSError as error:
        raise InvalidInputError("--captions", f"{path} cannot be read: {error.strerror}") from error
    except UnicodeError as error:
        raise InvalidInputError("--captions", f"{path} is no UTF-8 text; save it as UTF-8") from error


def _variables(given: object, assignments: Sequence[str]) -> dict[str, str]:
    if not isinstance(given, dict):
        raise InvalidInputError("variables", "must be an object of names and texts")
    return given | dict(map(_assignment, assignments))


def _assignment(text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not sign:
        raise InvalidInputError("--set", f"must be name=value, not “{text}”")
    return name.strip(), value


def _read_object(path: Path) -> dict[str, Any]:
    try:
        props = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InvalidInputError(str(path), f"cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise InvalidInputError(str(path), f"is not JSON: {error}") from error
    except RecursionError as error:
        raise InvalidInputError(str(path), "is nested too deeply") from error
    if not isinstance(props, dict):
        raise InvalidInputError(str(path), "must hold a JSON object")
    return props


def _assets(user_assets: object, folder: Path, heard: frozenset[str]) -> dict[str, tuple[AssetRef, ...]]:
    """The files by role. They are looked at side by side, for somebody waits."""
    if not isinstance(user_assets, Mapping):
        raise InvalidInputError("user_assets", "must be an object of roles and file paths")
    with ThreadPoolExecutor() as threads:
        waiting = {
            role: [threads.submit(_asset, field, value, folder, role in heard) for field, value in _fields(role, given)]
            for role, given in user_assets.items()
            if given is not None
        }
        return {role: tuple(future.result() for future in futures) for role, futures in waiting.items()}


def _fields(role: str, given: object) -> list[tuple[str, object]]:
    field = f"user_assets.{role}"
    return [(f"{field}[{i}]", item) for i, item in enumerate(given)] if isinstance(given, list) else [(field, given)]


def _found(path: Path) -> Path | None:
    """The file behind a path that somebody wrote, if it is one."""
    try:
        return path.resolve() if path.is_file() else None
    except (OSError, ValueError):  # a name that is too long, or no name at all
        return None


def _short(name: str) -> str:
    shown = "".join(char for char in name if char.isprintable())
    return shown if len(shown) <= _LONGEST_SHOWN else f"{shown[:_LONGEST_SHOWN]}…"


def _asset(field: str, value: object, folder: Path, is_heard: bool) -> AssetRef:  # noqa: FBT001 - private
    if not isinstance(value, str):
        raise InvalidInputError(field, "must be a file path")
    path = _found(folder / value)
    if path is None:
        raise InvalidInputError(field, f"there is no file {_short(value)}")
    try:
        with path.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        return AssetRef(sha256=sha256, key=str(path), info=probe(path, is_heard=is_heard))
    except (MediaError, OSError) as error:
        problem = error.problem if isinstance(error, MediaError) else str(error)
        raise InvalidInputError(field, problem) from error
