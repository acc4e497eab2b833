"""Make the demo assets: the avatar that talks, three b-roll clips, the cover, the music.

    python scripts/make_demo.py                  all of them (some minutes)
    python scripts/make_demo.py cover.jpg …      only these

Everything is drawn and synthesised here, with fixed seeds. Only the avatar's voice needs more than the project's own
dependencies: `pip install hibari-tts==0.2.1` first.
"""

import argparse
import time
from pathlib import Path

DEMO = Path(__file__).resolve().parent.parent / "demo"
NAMES = ("avatar.mp4", "broll1.mp4", "broll2.mp4", "broll3.mp4", "cover.jpg", "music.mp3")


def make(name: str, folder: Path) -> None:
    """Make one asset in the folder."""
    path = folder / name
    if name == "avatar.mp4":
        from demo_assets.avatar import DURATION_S, make_avatar
        from demo_assets.voice import speak, write_words

        speech = speak(DURATION_S)
        make_avatar(path, speech)
        write_words(folder / "words.json", speech)
    elif name == "cover.jpg":
        from demo_assets.cover import make_cover

        make_cover(path)
    elif name == "music.mp3":
        from demo_assets.music import make_music

        make_music(path)
    else:
        from demo_assets.broll import CLIPS, make_broll

        make_broll(path, *CLIPS[name])


def main() -> None:
    """Make what is asked for and say how long it took and how large it is."""
    parser = argparse.ArgumentParser(description="Make the demo assets.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"which (default: all of {', '.join(NAMES)})")
    parser.add_argument("--into", type=Path, default=DEMO, help="folder (default: demo/)")
    args = parser.parse_args()
    unknown = sorted(set(args.names) - set(NAMES))
    if unknown:
        parser.error(f"there is no demo asset {unknown[0]!r}; choose from {', '.join(NAMES)}")
    args.into.mkdir(parents=True, exist_ok=True)
    for name in args.names or NAMES:
        started = time.monotonic()
        make(name, args.into)
        size_kb = (args.into / name).stat().st_size / 1000
        print(f"{name:12} {size_kb:7.0f} kB  {time.monotonic() - started:5.1f} s", flush=True)


if __name__ == "__main__":
    main()
