"""The documentation is complete: every operation says what it does, takes, answers and refuses, with examples."""

import re
from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest

from webapp.api.app import build_api

DOCUMENT: dict[str, Any] = build_api(lambda: pytest.fail("nothing is opened for the documentation")).openapi()
OPERATIONS = {
    operation["operationId"]: (path, method, operation)
    for path, item in DOCUMENT["paths"].items()
    for method, operation in item.items()
}
IDS = sorted(OPERATIONS)


def bodies(operation: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """The request's and the answers' bodies: where, of what kind, and what is said of each."""
    for kind, media in operation.get("requestBody", {}).get("content", {}).items():
        yield "request", kind, media
    for status, response in operation["responses"].items():
        for kind, media in response.get("content", {}).items():
            yield status, kind, media


def test_no_two_operations_have_the_same_id():
    assert len(OPERATIONS) == sum(len(item) for item in DOCUMENT["paths"].values())


def test_ids_last():
    """Programs are generated from them: a function that is renamed keeps its old name here."""
    told = {"renders_user_render", "renders_render_status", "renders_videos", "assets_upload", "templates_templates"}
    assert told <= set(IDS)
    assert all(re.fullmatch(r"[a-z]+(_[a-z]+)+", one) for one in IDS)


@pytest.mark.parametrize("name", IDS)
def test_an_operation_says_what_it_does(name: str):
    _path, _method, operation = OPERATIONS[name]
    assert operation["summary"].strip()
    assert not operation["summary"].endswith(".")
    assert operation["description"].strip()
    assert len(operation["tags"]) == 1
    assert set(operation["tags"]) <= {tag["name"] for tag in DOCUMENT["tags"]}


@pytest.mark.parametrize("name", IDS)
def test_an_operation_says_how_it_succeeds(name: str):
    _path, _method, operation = OPERATIONS[name]
    successes = [status for status in operation["responses"] if status.startswith(("2", "3"))]
    assert successes
    assert all(
        "content" in operation["responses"][status] or status in {"204", "302", "303", "304", "307"}
        for status in successes
    )


@pytest.mark.parametrize("name", IDS)
def test_an_operation_says_what_it_refuses(name: str):
    path, method, operation = OPERATIONS[name]
    told = set(operation["responses"])
    if "security" in operation:
        assert "401" in told
    if "security" in operation and path.startswith("/api/"):
        assert "403" in told
    if "{" in path:
        assert "404" in told
    if "requestBody" in operation:
        assert {"413", "422"} <= told
    if path.startswith("/api/"):
        assert {"429", "503"} <= told
    assert method == "get" or "security" not in operation or "409" in told


@pytest.mark.parametrize("name", IDS)
def test_refusals_have_one_shape(name: str):
    path, _method, operation = OPERATIONS[name]
    for status, response in operation["responses"].items():
        if status.startswith(("4", "5")) and path != "/readyz":
            (media,) = response["content"].values()
            assert media["schema"] == {"$ref": "#/components/schemas/ErrorBody"}, status


@pytest.mark.parametrize("name", IDS)
def test_bodies_have_examples_that_fit_their_schemas(name: str):
    for where, kind, media in bodies(OPERATIONS[name][2]):
        if kind not in {"application/json", "multipart/form-data"}:
            continue
        told = [media["example"]] if "example" in media else [one["value"] for one in media["examples"].values()]
        for example in told:
            schema = media["schema"] | {"components": DOCUMENT["components"]}
            jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker()).validate(example)
            assert example not in ({}, []), where


def test_bounds_are_told_in_the_headers_of_every_answer():
    for path, _method, operation in OPERATIONS.values():
        for status, response in operation["responses"].items():
            if path.startswith("/api/"):
                assert {"X-Request-ID", "RateLimit", "RateLimit-Policy"} <= set(response["headers"])
            if status == "429":
                assert "Retry-After" in response["headers"]


def test_lists_of_rows_come_in_pages():
    pages = [
        name
        for name, schema in DOCUMENT["components"]["schemas"].items()
        if "next_cursor" in schema.get("properties", {})
    ]
    for _path, _method, operation in OPERATIONS.values():
        answer = operation["responses"].get("200", {}).get("content", {}).get("application/json", {})
        if answer.get("schema", {}).get("$ref", "").rpartition("/")[2] in pages:
            told = {one["name"] for one in operation["parameters"]}
            assert {"limit", "cursor"} <= told, operation["operationId"]


def test_each_way_of_proving_who_asks_is_described():
    schemes = DOCUMENT["components"]["securitySchemes"]
    assert {scheme["type"] for scheme in schemes.values()} == {"apiKey", "http"}
    assert all(scheme["description"] for scheme in schemes.values())
