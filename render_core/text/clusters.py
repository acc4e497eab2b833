"""What readers take for one character: letters with their marks, emoji with all that belongs to them."""

import regex

_CLUSTER = regex.compile(r"\X")
_EMOJI = regex.compile(r"\p{Emoji_Presentation}|\p{Extended_Pictographic}\p{Emoji_Modifier}|\ufe0f")
_JOINING = regex.compile(r"[\u0600-\u08ff\u0900-\u0dff\u1000-\u109f\u1780-\u18af\ufb50-\ufdff\ufe70-\ufefe]")


def clusters_of(text: str) -> tuple[str, ...]:
    """Extended grapheme clusters (Unicode Standard Annex 29), in logical order."""
    return tuple(_CLUSTER.findall(text))


def is_emoji(cluster: str) -> bool:
    """Whether a cluster is to be drawn in colour (Unicode Technical Standard 51): digits and © only when they ask."""
    return _EMOJI.search(cluster) is not None and "\ufe0e" not in cluster


def has_joining_letters(text: str) -> bool:
    """Whether letters of a script are here that join or stack (Arabic, Devanagari, Khmer …): not to be torn apart."""
    return _JOINING.search(text) is not None
