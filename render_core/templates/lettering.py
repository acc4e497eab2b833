"""What is checked of the texts of a template when an order is given."""

from collections.abc import Iterable

from render_core.text.fonts import check_family, check_text


def check_lettering(family: str, texts: Iterable[tuple[str, str]], field: str = "config.fontFamily") -> None:
    """Refuse a font that is not there and characters that no font has.

    Args:
        family: The wanted font.
        texts: Path of each text's field, and the text as it will be drawn.
        field: Path of the font's own field.

    Raises:
        InvalidInputError: Naming the field.
    """
    check_family(family, field)
    for path, text in texts:
        check_text(text, family, path)
