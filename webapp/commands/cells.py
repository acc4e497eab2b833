"""`reelgrove cells`: what is kept of rendered videos, so that it need not be rendered again, and clearing it away."""

import json
from dataclasses import asdict
from datetime import datetime, timedelta

from pydantic import ByteSize, TypeAdapter, ValidationError
from rich.console import Console

from cluster.retention import SAFE_AGE, RetentionPolicy, Stock, prune, take_stock
from render_core.errors import InvalidInputError
from webapp.commands.services import open_services
from webapp.commands.words import age_words, plain_table, size_words
from webapp.models import utc_now
from webapp.renders.housekeeping import at_work_since, retention_of


def show_cells(*, as_json: bool) -> int:
    """Say how much is kept of what, and since when it is unused. Returns the exit code."""
    with open_services() as container:
        stocks, policy = take_stock(container.objects), retention_of(container.settings.cells)
    if as_json:
        limits = {"max_age_days": policy.max_age.total_seconds() / 86400, "max_bytes": policy.max_bytes}
        kept = {stock.kind: _facts(stock) for stock in stocks}
        print(json.dumps({"kept": kept, "limits": limits}, indent=2))
        return 0
    _print_stocks(stocks, utc_now())
    days = policy.max_age.total_seconds() / 86400
    print(f"Kept for {days:g} days after the last use, {size_words(policy.max_bytes)} at most.")
    return 0


def prune_cells(max_age_days: float | None, max_bytes: str | None, *, dry_run: bool, as_json: bool) -> int:
    """Remove what is beyond age and quota: those given, else those of the settings. Returns the exit code.

    Raises:
        InvalidInputError: ``max_bytes`` is no size.
    """
    with open_services() as container:
        policy = retention_of(container.settings.cells)
        policy = RetentionPolicy(
            max_age=policy.max_age if max_age_days is None else timedelta(days=max_age_days),
            max_bytes=policy.max_bytes if max_bytes is None else _parse_size(max_bytes),
        )
        since = at_work_since(container.engine)
        pruned = prune(container.objects, policy, utc_now(), jobs_since=since, dry_run=dry_run)
    if as_json:
        print(json.dumps(asdict(pruned) | {"dry_run": dry_run}))
        return 0
    verb = "Would remove" if dry_run else "Removed"
    total = pruned.removed + pruned.kept
    print(f"{verb} {pruned.removed} of {total} cells and sounds, {size_words(pruned.removed_bytes)}; ", end="")
    print(f"{pruned.kept} stay, {size_words(pruned.kept_bytes)}.")
    if pruned.kept and (pruned.kept_bytes > policy.max_bytes or policy.max_age < SAFE_AGE):
        hours = SAFE_AGE.total_seconds() / 3600
        print(f"What was used within {hours:g} hours, or since a render at work began, always stays: it may be needed.")
    return 0


def _parse_size(text: str) -> int:
    try:
        size = int(TypeAdapter(ByteSize).validate_python(text))
    except ValidationError:
        size = -1
    if size < 0:
        raise InvalidInputError("--max-bytes", f"“{text}” is no size: give a number of bytes, or 500MB, 50GiB")
    return size


def _print_stocks(stocks: tuple[Stock, ...], now: datetime) -> None:
    table = plain_table("kind", "count", "size", "longest unused", "last used")
    for stock in stocks:
        uses = (age_words((now - use).total_seconds()) if use else "–" for use in (stock.oldest, stock.newest))
        table.add_row(stock.kind, str(stock.count), size_words(stock.size_bytes), *uses)
    Console().print(table)


def _facts(stock: Stock) -> dict[str, int | str | None]:
    return {
        "count": stock.count,
        "size_bytes": stock.size_bytes,
        "oldest_use": stock.oldest.isoformat() if stock.oldest else None,
        "newest_use": stock.newest.isoformat() if stock.newest else None,
    }
