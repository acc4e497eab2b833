"""One front-end build for every address: the bundle asks the page where its server is."""

import json
import re
from pathlib import Path
from typing import Unpack

from reflex.plugins import Plugin
from reflex_base.plugins.base import PostBuildContext

_HERE = '(typeof window==="undefined"?"http://localhost":window.location.origin)'
_ENDPOINT = re.compile(r"""["'`](?:https?|wss?)://[^/"'`]+(/[^"'`]*)["'`]""")


class BundleFormatError(RuntimeError):
    """Reflex wrote its endpoints somewhere else than expected: the pin and this module no longer fit."""


class SameOriginPlugin(Plugin):
    """Rewrites the endpoints that Reflex bakes into the bundle so that they follow the page's own address.

    Without it a build works on one port and without TLS only.
    """

    def post_build(self, **context: Unpack[PostBuildContext]) -> None:
        """Rewrite the one chunk that holds the endpoints; runs before the output is compressed."""
        chunks = sorted(Path(context["static_dir"]).glob("assets/reflex-env-*.js"))
        if len(chunks) != 1:
            raise BundleFormatError(f"expected one reflex-env chunk, found {len(chunks)}")
        chunks[0].write_text(follow_page(chunks[0].read_text("utf-8")), "utf-8")


def follow_page(javascript: str) -> str:
    """The same script with each absolute endpoint replaced by the page's origin and the endpoint's path."""
    rewritten, count = _ENDPOINT.subn(lambda match: f"{_HERE}+{json.dumps(match[1])}", javascript)
    if not count:
        raise BundleFormatError("no endpoints in the reflex-env chunk")
    return rewritten
