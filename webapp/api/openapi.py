"""The OpenAPI document, completed: what follows from an operation's kind is said here, once, and not at each."""

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute

from webapp.api.errors import ErrorBody
from webapp.api.examples import example_of

Operation = dict[str, Any]

DESCRIPTION = """
Personalised videos from templates, for programs.

**Who asks.** A browser's session cookie, or an API key as `Authorization: Bearer rg_…`. A key does what its scopes say.

**Refusals** are JSON: `error` is a code for programs, `detail` a sentence for people, `field` the path of what is
wrong. What is not yours is not there: 404. Each answer has an `X-Request-ID`, which finds its lines in our log.

**Lists** come in pages, the newest first: send `next_cursor` of a page as `cursor` for the next one.

**Bounds.** `RateLimit-Policy` tells how many requests are possible in a window of seconds, `RateLimit` how many are
left (`r`) and when all of them are there again (`t`). Beyond that the answer is 429, and `Retry-After` says when to
come back.

**Repeating.** An order sent again with its `Idempotency-Key` within 24 hours is the same order.
"""

TAGS = {
    "auth": "Logging in and out, sessions, and keys for programs.",
    "workspaces": "Whose videos and assets: people, their roles, and invitations.",
    "rooms": "Rooms of a workspace.",
    "tasks": "Tasks of a room, with their videos.",
    "assets": "Clips, pictures and sound to make videos of.",
    "files": "Assets by signed links.",
    "previews": "Stills of what would be rendered.",
    "renders": "Asking for videos, following, fetching and changing them.",
    "shares": "Links by which others watch a video.",
    "templates": "What can be set in each template, and saved settings.",
    "webhooks": "Messages to other programs when something has ended.",
    "billing": "Plans and what has been used of them.",
    "operations": "For those who run it.",
}

_REFUSALS: dict[int, tuple[str, str, str]] = {
    400: ("No proof of who asks", "login_expired", "This login was begun elsewhere or too long ago: begin again."),
    402: ("The plan is used up", "quota_exceeded", "Your plan's 5 videos of this month are used up."),
    401: ("Nobody known asks", "unauthenticated", "Log in first, or send an API key as 'Authorization: Bearer …'."),
    403: ("Not allowed", "forbidden", "To render and change videos takes the role editor; yours is viewer."),
    404: ("Not there, or not for the caller", "not_found", "There is no such video of yours."),
    409: ("It contradicts what is there", "conflict", "The render has already ended: it is completed."),
    413: ("More bytes than allowed", "too_large", "The body is larger than 1 MB: send less at once."),
    415: ("Not the media it should be", "unsupported_media", "This is no MP4 or WebM video: choose another file."),
    416: ("The range lies outside the file", "range_not_satisfiable", "The file has 1024 bytes: ask within it."),
    422: ("Invalid input", "invalid_input", "config.musicVolume: Input should be less than or equal to 1."),
    429: ("Too much at once", "rate_limited", "Too many requests at once: at most 600 a minute. Try again in 1 s."),
    503: ("A service does not answer", "unavailable", "A service that we depend on does not answer. Try again soon."),
    507: ("The disk is full", "disk_full", "The server's disk is full: nothing was stored."),
}
_COSTLY = ("/user-render", "/retry", "/upload", "/direct", "/uploaded")
_MEDIA = ("/upload", "/direct", "/uploaded")
_HEADERS: dict[str, tuple[str, dict[str, Any]]] = {
    "X-Request-ID": ("Finds this request in the log.", {"type": "string"}),
    "RateLimit-Policy": ('The bound, as in `"reads";q=12000;w=60`.', {"type": "string"}),
    "RateLimit": ('What is left of it, as in `"reads";r=11999;t=1`.', {"type": "string"}),
    "Retry-After": ("Seconds until the next try.", {"type": "integer", "minimum": 1}),
}


def operation_id(route: APIRoute) -> str:
    """A name that lasts: the resource and the function, as in ``renders_videos``."""
    return f"{route.tags[0]}_{route.name}" if route.tags else route.name


def complete(app: FastAPI) -> None:
    """Have the application's document told in full; made when it is first asked for."""
    plain = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            _complete(plain())
        return plain()

    app.openapi = openapi  # type: ignore[method-assign] # how FastAPI wants to be extended


def _complete(document: dict[str, Any]) -> None:
    components = document["components"]
    components["schemas"]["ErrorBody"] = ErrorBody.model_json_schema()
    for theirs in ("HTTPValidationError", "ValidationError"):  # FastAPI's own refusals, which are worded anew here
        components["schemas"].pop(theirs, None)
    components["headers"] = {
        name: {"description": words, "schema": schema} for name, (words, schema) in _HEADERS.items()
    }
    used = set()
    for path, method, operation in _operations(document):
        used.update(operation["tags"])
        operation["summary"] = _first_sentence(operation["description"])
        _tell_refusals(path, method, operation)
        _tell_files(method, operation)
        for status, response in operation["responses"].items():
            _tell_headers(path, status, response)
        _tell_examples(operation, components["schemas"])
    document["tags"] = [{"name": name, "description": words} for name, words in TAGS.items() if name in used]


def _operations(document: dict[str, Any]) -> Iterator[tuple[str, str, Operation]]:
    for path, item in document["paths"].items():
        for method, operation in item.items():
            yield path, method, operation


def _first_sentence(description: str) -> str:
    sentence = description.partition("\n\n")[0].replace("\n", " ")
    return sentence.partition(". ")[0].partition("; ")[0].rstrip(".")


def _tell_refusals(path: str, method: str, operation: Operation) -> None:
    responses = operation["responses"]
    for status in _refusals_of(path, method, operation):
        responses.setdefault(str(status), {})
    for status, response in responses.items():
        if int(status) in _REFUSALS and ("content" not in response or status == "422"):
            response.update(_refusal(int(status), response.get("description", "")))
    operation["responses"] = dict(sorted(responses.items()))


def _refusals_of(path: str, method: str, operation: Operation) -> Iterator[int]:
    parameters = operation.get("parameters", ())
    is_secured, has_body = "security" in operation, "requestBody" in operation
    if is_secured:
        yield from (401,) if path == "/metrics" else (401, 403)
    if any(one["in"] == "path" or one["name"].endswith("_id") for one in parameters) or (has_body and is_secured):
        yield 404
    if has_body:
        yield 413
    if has_body or parameters:
        yield 422
    if is_secured and method != "get":
        yield 409
    if path.startswith("/api/auth/") and not is_secured:
        yield from (400, 403, 404)
    if path.startswith("/api/"):
        yield from (429, 503)
    if path.endswith(_COSTLY):
        yield 402
    if path.endswith(_MEDIA):
        yield from (415, 507)


def _refusal(status: int, told: str) -> dict[str, Any]:
    words, code, detail = _REFUSALS[status]
    body = {"error": code, "detail": detail}
    schema = {"$ref": "#/components/schemas/ErrorBody"}
    is_plain = told in {"", HTTPStatus(status).phrase, "Validation Error"}
    return {
        "description": words if is_plain else told,
        "content": {"application/json": {"schema": schema, "example": body}},
    }


def _tell_files(method: str, operation: Operation) -> None:
    """Stored files are served in ranges, and not again to who has them."""
    content = operation["responses"].get("200", {}).get("content", {})
    if method != "get" or not content or not all(kind.startswith(("image/", "video/", "audio/")) for kind in content):
        return
    binary = {kind: {"schema": {"type": "string", "contentMediaType": kind}} for kind in content}
    operation["responses"] |= {
        "200": operation["responses"]["200"] | {"content": binary},
        "206": {"description": "The part that `Range` asks for", "content": binary},
        "304": {"description": "`If-None-Match` names the file as it is"},
        "307": {"description": "The object store serves it at `Location`"},
        "416": _refusal(416, ""),
    }
    operation["responses"] = dict(sorted(operation["responses"].items()))


def _tell_headers(path: str, status: str, response: dict[str, Any]) -> None:
    if path.startswith("/api/"):
        names = [name for name in _HEADERS if name != "Retry-After" or status == "429"]
        told = {name: {"$ref": f"#/components/headers/{name}"} for name in names}
        response["headers"] = response.get("headers", {}) | told


def _tell_examples(operation: Operation, schemas: dict[str, Any]) -> None:
    bodies = [operation.get("requestBody", {}), *operation["responses"].values()]
    for body in bodies:
        for kind, media in body.get("content", {}).items():
            if kind in {"application/json", "multipart/form-data"} and "schema" in media and "examples" not in media:
                media.setdefault("example", example_of(media["schema"], schemas))
