"""The `reelgrove` command. Each subcommand reads its arguments here and is carried out in ``webapp.commands``."""

import gc
import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Literal, NoReturn
from uuid import UUID

import typer

from render_core.errors import InvalidInputError, MediaError, MissingEncoderError

app = typer.Typer(
    name="reelgrove",
    help="Personalised video from templates.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

cells_app = typer.Typer(help="What is kept of rendered videos, so that it need not be rendered again.")
cluster_app = typer.Typer(help="How the cluster is doing, and its jobs.", no_args_is_help=True)
app.add_typer(cells_app, name="cells")
workspace_app = typer.Typer(help="Plans of workspaces, given by hand, and what they have used.", no_args_is_help=True)
app.add_typer(cluster_app, name="cluster")
app.add_typer(workspace_app, name="workspace")

Props = Annotated[Path, typer.Argument(help="A render request as JSON, with file paths as assets.")]
Output = Annotated[Path, typer.Option("-o", "--output", help="The file to write; its ending says what it is.")]
Scale = Annotated[float, typer.Option(min=0.05, max=2, help="Size relative to the width and height in the props.")]
Quality = Annotated[
    Literal["draft", "standard", "high"] | None,
    typer.Option(help="Encoder profile; default: what the props say, or standard."),
]
Picture = Annotated[Path | None, typer.Option(help="A picture of the video, JPEG.")]
Sprites = Annotated[Path | None, typer.Option(help="A sheet of thumbnails, JPEG, with a WebVTT file beside it.")]
Variables = Annotated[
    list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="Fill {{NAME}} in the texts; repeatable.")
]
Captions = Annotated[Path | None, typer.Option(help="Captions from a file: SRT, WebVTT or plain text.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]


@app.command()
def render(
    props: Props,
    output: Output,
    jobs: Annotated[
        int | None, typer.Option(min=1, max=256, help="Processes side by side; default: one a core.")
    ] = None,
    scale: Scale = 1.0,
    quality: Quality = None,
    variables: Variables = None,
    captions: Captions = None,
    poster: Picture = None,
    sprites: Sprites = None,
    cells_dir: Annotated[Path | None, typer.Option(help="Keep finished cells here and take them up again.")] = None,
    as_json: AsJson = False,
) -> None:
    """Render a video: .mp4, .webm or .gif."""
    from webapp.commands.props import read_spec
    from webapp.commands.render import render_video
    from webapp.commands.targets import Targets

    targets = Targets(video=output, poster=poster, sprites=sprites)
    spec = read_spec(
        props, scale=scale, output=targets.output, quality=quality, assignments=variables or (), captions=captions
    )
    made = render_video(spec, targets, jobs=jobs or os.cpu_count() or 1, cells_dir=cells_dir, as_json=as_json)
    facts = {"output": str(output), "size_bytes": made.size_bytes, "frames": made.frame_count, "sha256": made.sha256}
    sentence = f"{output}: {made.duration_s:.2f} s, {made.frame_count} frames, {made.size_bytes / 1e6:.1f} MB"
    _say(facts, sentence, as_json=as_json)


@app.command()
def still(
    props: Props,
    frame: Annotated[int, typer.Option(min=0, help="Frame number from 0.")],
    output: Output,
    scale: Scale = 1.0,
    variables: Variables = None,
    captions: Captions = None,
    as_json: AsJson = False,
) -> None:
    """Write one frame as a picture: .png, .jpg or .webp."""
    with _nothing_collected():
        from webapp.commands.props import read_spec
        from webapp.commands.still import render_still

        render_still(read_spec(props, scale=scale, assignments=variables or (), captions=captions), frame, output)
    _say({"output": str(output), "frame": frame}, f"{output}: frame {frame}", as_json=as_json)


@app.command()
def templates(
    as_json: AsJson = False,
) -> None:
    """Show the templates and what can be set in each."""
    from render_core.templates import template_names, template_schema

    schemas = {name: template_schema(name) for name in template_names()}
    if as_json or not sys.stdout.isatty():
        typer.echo(json.dumps(schemas, ensure_ascii=False, indent=2))
        return
    from webapp.commands.listing import print_schemas

    print_schemas(schemas)


@app.command()
def up(
    port: Annotated[int, typer.Option(envvar="PORT", min=1, max=65535, help="Where the page answers.")] = 3000,
    dev: Annotated[bool, typer.Option("--dev", help="Build and serve anew whenever a file changes.")] = False,
) -> None:
    """Start everything on this machine; Ctrl-C stops all of it."""
    from webapp.commands.up import run_everything

    raise typer.Exit(run_everything(port, is_dev=dev))


@app.command()
def web(
    host: Annotated[str, typer.Option(help="The address to bind; 0.0.0.0 is everywhere.")] = "127.0.0.1",
    workers: Annotated[int, typer.Option(min=1, max=64, help="Processes; several need Redis.")] = 1,
) -> None:
    """Be the web server alone, on REELGROVE_PORT; the front end must have been built."""
    from webapp.commands.serve import serve_web

    serve_web(host, workers)


@app.command()
def dispatch() -> None:
    """Be the dispatcher alone."""
    from webapp.commands.serve import dispatch

    raise typer.Exit(dispatch())


@app.command()
def migrate() -> None:
    """Bring the database to the newest revision."""
    from webapp.commands.serve import migrate_database

    migrate_database()


@app.command()
def doctor(
    as_json: AsJson = False,
) -> None:
    """Say what is installed, which services answer, which fonts and encoders there are."""
    from webapp.commands.doctor import examine, print_report

    checks = examine()
    if as_json:
        typer.echo(json.dumps([check.as_dict() for check in checks], indent=2))
    else:
        print_report(checks)
    raise typer.Exit(0 if all(check.is_fine for check in checks) else 1)


@cells_app.callback(invoke_without_command=True)
def cells(context: typer.Context, as_json: AsJson = False) -> None:
    """Show how many cells and sounds are kept, how large they are and when they were last used."""
    if context.invoked_subcommand is not None:
        return
    from webapp.commands.cells import show_cells
    from webapp.commands.services import exit_code_of

    raise typer.Exit(exit_code_of(lambda: show_cells(as_json=as_json)))


@cells_app.command("prune")
def prune_cells(
    max_age: Annotated[
        float | None, typer.Option(min=0, max=36500, metavar="DAYS", help="Remove what is unused for longer.")
    ] = None,
    max_bytes: Annotated[
        str | None, typer.Option(metavar="SIZE", help="Remove the longest unused beyond this sum: 500MB, 50GiB.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would go.")] = False,
    as_json: AsJson = False,
) -> None:
    """Remove cells and sounds beyond age and quota, by default those of the settings; what jobs need stays."""
    from webapp.commands.cells import prune_cells
    from webapp.commands.services import exit_code_of

    raise typer.Exit(exit_code_of(lambda: prune_cells(max_age, max_bytes, dry_run=dry_run, as_json=as_json)))


@cluster_app.command("status")
def cluster_status(
    watch: Annotated[bool, typer.Option("--watch", help="Look again each second, until Ctrl-C.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show the dispatcher, the jobs, the machines and what is wrong; exit code 1 when something is."""
    from webapp.commands.cluster import show_status
    from webapp.commands.services import exit_code_of

    raise typer.Exit(exit_code_of(lambda: show_status(watch=watch, as_json=as_json)))


@cluster_app.command("jobs")
def cluster_jobs(
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="At most so many.")] = 100,
    as_json: AsJson = False,
) -> None:
    """List the jobs that run or wait."""
    from webapp.commands.cluster import show_jobs
    from webapp.commands.services import exit_code_of

    raise typer.Exit(exit_code_of(lambda: show_jobs(limit=limit, as_json=as_json)))


@cluster_app.command("cancel")
def cluster_cancel(
    video_ids: Annotated[list[UUID], typer.Argument(metavar="VIDEO_ID…", help="Whose renders to end.")],
    as_json: AsJson = False,
) -> None:
    """End renders, as their owners could: what was reserved for them is given back."""
    from webapp.commands.cluster import cancel_renders
    from webapp.commands.services import exit_code_of

    raise typer.Exit(exit_code_of(lambda: cancel_renders(video_ids, as_json=as_json)))


@workspace_app.command("plan")
def workspace_plan(
    workspace_id: Annotated[UUID, typer.Argument(help="As its page and the API tell it.")],
    plan: Annotated[Literal["free", "pro", "enterprise"], typer.Argument(help="What it is on from now on.")],
) -> None:
    """Put a workspace on a plan; what it has used already counts."""
    from webapp.commands.services import exit_code_of
    from webapp.commands.workspaces import give_plan

    raise typer.Exit(exit_code_of(lambda: give_plan(workspace_id, plan)))


@workspace_app.command("recount")
def workspace_recount() -> None:
    """Write what users have used in each month anew, from the ledger."""
    from webapp.commands.services import exit_code_of
    from webapp.commands.workspaces import recount_months

    raise typer.Exit(exit_code_of(recount_months))


@contextmanager
def _nothing_collected() -> Iterator[None]:
    """Without looking for garbage, of which importing makes little: the looking takes 5 % of a still."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _say(facts: dict[str, Any], sentence: str, *, as_json: bool) -> None:
    typer.echo(json.dumps(facts) if as_json else sentence)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command; bad input ends with one line and exit code 2."""
    arguments = sys.argv[1:] if arguments is None else arguments
    try:
        code = app(args=arguments, standalone_mode=False)
    except typer.TyperException as error:
        _refuse("arguments", error.format_message(), error.format_message(), arguments)
    except InvalidInputError as error:
        _refuse(error.field, error.problem, str(error), arguments)
    except MissingEncoderError as error:
        _refuse("--output", str(error), str(error), arguments)
    except MediaError as error:
        _refuse(error.source, error.problem, str(error), arguments)
    except (KeyboardInterrupt, typer.Abort):
        typer.echo("reelgrove: stopped", err=True)
        sys.exit(130)
    sys.exit(code if isinstance(code, int) else 0)


def _refuse(field: str, problem: str, line: str, arguments: Sequence[str]) -> NoReturn:
    if "--json" in arguments:
        typer.echo(json.dumps({"error": "invalid_input", "field": field, "detail": problem}))
    if line:  # a bare `reelgrove` has shown its help already
        typer.echo(f"reelgrove: {' '.join(line.split())}", err=True)
    sys.exit(2)
