"""Shapes, sizes and kinds of file to choose from; width and height themselves stay settings of the template."""

SHAPES = {"9:16": (9, 16), "4:5": (4, 5), "1:1": (1, 1), "16:9": (16, 9)}
SIZES = (360, 540, 720, 1080)
"""Lengths of the shorter side, in pixels."""
OUTPUTS = {
    "mp4": ("MP4", "Plays everywhere: H.264 with AAC sound."),
    "webm": ("WebM", "Smaller files for web pages: VP9 with Opus sound. Takes longer."),
    "gif": ("GIF", "A silent loop for chats and mails. Best short and small."),
}
QUALITIES = {
    "draft": ("Draft", "For looking at: the fastest."),
    "standard": ("Standard", "For social networks, which encode again."),
    "high": ("High", "For keeping: the finest, and the slowest."),
}
"""What people call each and when it is the right one."""
_LARGEST_DIFFERENCE = 2  # sides are even, so that 4:5 at 540 has 676 rows and not 675


def size_of(shape: str, shorter: int) -> tuple[int, int]:
    """Width and height, both even, of a shape whose shorter side has ``shorter`` pixels."""
    wide, high = SHAPES[shape]
    scale = shorter / min(wide, high)
    return _even(wide * scale), _even(high * scale)


def shape_of(width: object, height: object) -> str:
    """The name of the shape that a picture has, or nothing where it has another one."""
    if not isinstance(width, int) or not isinstance(height, int) or width < 1 or height < 1:
        return ""
    for shape in SHAPES:
        exact = size_of(shape, min(width, height))
        if max(abs(exact[0] - width), abs(exact[1] - height)) <= _LARGEST_DIFFERENCE:
            return shape
    return ""


def _even(pixels: float) -> int:
    return round(pixels / 2) * 2
