"""The page behind a shared link: plain HTML, so that it opens anywhere, without a session and without scripts."""

from html import escape
from string import Template

from webapp.renders.shares import SharedVideo

_PAGE = Template("""\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex, nofollow">
<meta name="color-scheme" content="dark">
<title>$title</title>
$preview<link rel="icon" href="/favicon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/share.css">
</head>
<body>
<header><a class="brand" href="/"><img src="/favicon.svg" alt="">Reelgrove</a></header>
<main>
$content
</main>
<footer>Made with Reelgrove</footer>
</body>
</html>
""")
_VIDEO = Template("""\
<div class="frame $shape">$player</div>
<div class="about">
<div class="words">
<h1>$title</h1>
$description<p class="facts">$facts</p>
</div>
<a class="download" href="$download" download>
<svg viewBox="0 0 24 24" aria-hidden="true"><path d="M12 4v11m0 0-5-5m5 5 5-5M5 20h14"/></svg>Download</a>
</div>""")
_CLOSED = """\
<div class="closed">
<svg viewBox="0 0 24 24" aria-hidden="true">
<path d="M9 15l6-6M8 11l-2 2a3.5 3.5 0 0 0 5 5l2-2M16 13l2-2a3.5 3.5 0 0 0-5-5l-2 2M4 4l16 16"/></svg>
<h1>This link does not work any more</h1>
<p>It has expired, was ended, or was not copied completely. Ask whoever gave it to you for a new one.</p>
</div>"""


def shared_page(video: SharedVideo, origin: str) -> str:
    """The player, what the video is called and says, and the way to save it.

    Args:
        video: What the link leads to.
        origin: Scheme and host, for the picture that messengers show beside the link.
    """
    title, description = escape(video.video_title), escape(video.video_description)
    content = _VIDEO.substitute(
        shape="tall" if (video.aspect_ratio or 1) < 1 else "wide",
        player=_player(video),
        title=title,
        description=f'<p class="description">{description}</p>\n' if description else "",
        facts=escape(_facts(video)),
        download=escape(video.download_url),
    )
    return _PAGE.substitute(title=f"{title} · Reelgrove", preview=_preview(video, origin), content=content)


def closed_page() -> str:
    """What to say when a link is wrong or over."""
    return _PAGE.substitute(title="Link expired · Reelgrove", preview="", content=_CLOSED)


def _player(video: SharedVideo) -> str:
    source, title = escape(video.video_url), escape(video.video_title)
    size = f' width="{round(1000 * video.aspect_ratio)}" height="1000"' if video.aspect_ratio else ""
    if video.output == "gif":
        return f'<img src="{source}" alt="{title}"{size}>'
    poster = f' poster="{escape(video.poster_url)}"' if video.poster_url else ""
    return f'<video src="{source}"{poster} title="{title}"{size} controls playsinline preload="metadata"></video>'


def _preview(video: SharedVideo, origin: str) -> str:
    told = {"og:title": video.video_title, "og:description": video.video_description, "og:type": "video.other"}
    if video.poster_url:
        told["og:image"] = origin.rstrip("/") + video.poster_url
    lines = (f'<meta property="{name}" content="{escape(value)}">\n' for name, value in told.items() if value)
    return "".join(lines)


def _facts(video: SharedVideo) -> str:
    seconds = round(video.duration or 0)
    length = [f"{seconds // 60}:{seconds % 60:02d}"] if video.duration else []
    size = [f"{max(0.1, video.output_size / 1e6):.1f} MB"] if video.output_size else []
    until = f"{video.expires_at.day} {video.expires_at:%B %Y, %H:%M} UTC"
    return " · ".join([*length, *size, f"link open until {until}"])
