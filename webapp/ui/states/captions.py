"""The captions of the draft: a text, and the words it has become, each with its times."""

# ruff: noqa: SLF001 - the functions below the state are this module's own

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import reflex as rx

from render_core.errors import InvalidInputError
from webapp.errors import ConflictError, InvalidError
from webapp.models import AssetType
from webapp.previews.captions import spoken_words
from webapp.ui.captions import LONGEST_WORD, MOST_WORDS, Entry, WordTable, clock_ms
from webapp.ui.configs import captions_in
from webapp.ui.edge import Then, actor_of, as_user, focus_on
from webapp.ui.fields import captions_of
from webapp.ui.slots import FIRST_TEMPLATE, slots_of
from webapp.ui.states.moment import MomentState, jump_to, length_ms, moment_ms
from webapp.ui.states.studio import StudioState
from webapp.ui.words import number_of

_LONGEST_TEXT = 200_000
_PAGE = 20


@dataclass
class WordRow:
    """A word of the shown page."""

    id: int
    number: int
    text: str
    start: str
    end: str
    revision: int
    problem: str

    @classmethod
    def of(cls, number: int, entry: Entry, problem: str) -> "WordRow":
        """The row of a word."""
        start, end = clock_ms(entry.start), clock_ms(entry.end)
        return cls(entry.id, number, entry.text, start, end, entry.revision, problem)


class CaptionsState(rx.State):
    """A page of the words is shown; all of them stay on the server. Templates remember theirs."""

    text: str = ""
    version: int = 0
    rows: list[WordRow] = []
    page: int = 1
    page_count: int = 1
    word_count: int = 0
    problem_count: int = 0
    selected: int = 0
    problem: str = ""
    can_undo: bool = False
    _template: str = FIRST_TEMPLATE
    _table: WordTable = WordTable()
    _before: WordTable = WordTable()
    _kept: dict[str, tuple[str, WordTable]] = {}
    _blamed: dict[int, str] = {}
    _typed: int = 0

    @rx.event
    async def set_text(self, text: str) -> None:
        """Take over the text; as long as there are no words the renderer makes them of it itself."""
        await actor_of(self)
        text = str(text)[: _LONGEST_TEXT + 1]  # one too many, so that the template's own sentence is read
        if text != self.text:
            self.text, self.problem = text, ""

    @rx.event
    async def spread(self) -> None:
        """Make words of the text: with its own times, or spread over what the speaker says."""
        await actor_of(self)
        text, speaker, length = self.text, await self._speaker(), length_ms(await self.get_state(MomentState))
        whole = None if length is None else round(length)
        try:
            words = await as_user(self, lambda session, actor: spoken_words(session, actor, text, speaker, whole))
        except (InvalidInputError, InvalidError) as error:
            self.problem = error.problem if isinstance(error, InvalidInputError) else error.detail
            return
        self.page, self.problem = 1, ""
        await self._change(WordTable.of((word.text, word.start, word.end) for word in words))

    async def _speaker(self) -> UUID | None:
        chosen = (await self.get_state(StudioState)).chosen
        avatars = [chosen[slot.role] for slot in slots_of(self._template) if slot.asset_type is AssetType.AVATAR]
        return next((UUID(cards[0].id) for cards in avatars if cards), None)

    @rx.event
    async def clear_words(self) -> None:
        """Take all words away; the text stays."""
        await actor_of(self)
        await self._change(WordTable(made=self._table.made))

    @rx.event
    async def undo(self) -> None:
        """Bring back the words as they were before the last step; once more brings the step back."""
        await actor_of(self)
        self.version += 1  # inputs hold what was typed: they are made anew
        if self.can_undo:
            await self._change(self._before)

    @rx.event
    async def edit_text(self, word_id: int, text: str) -> None:
        """Take over what was typed as a word; all letters of one word are one step to undo."""
        await actor_of(self)
        before = self._before if word_id == self._typed else self._table
        table = self._table.with_text(word_id, str(text))
        if table != self._table:
            await self._change(table)
            self._before, self._typed = before, word_id

    @rx.event
    async def edit_time(self, word_id: int, side: str, typed: str) -> None:
        """Take over a word's start or end; what is no time is said at the word."""
        await actor_of(self)
        await self._change(self._table.with_time(word_id, side, str(typed)))

    @rx.event
    async def choose_word(self, word_id: int) -> None:
        """Look at the moment at which a word is spoken."""
        await actor_of(self)
        at = self._table.place_of(word_id)
        if at is not None:
            word = self._table.entries[at]
            self.selected = word.id
            jump_to(await self.get_state(MomentState), (word.start + max(word.start, word.end)) / 2)

    @rx.event
    async def split_word(self, word_id: int) -> None:
        """Make two words of one."""
        await actor_of(self)
        await self._change(self._table.split(word_id))

    @rx.event
    async def merge_word(self, word_id: int) -> None:
        """Make one word of a word and the one behind it."""
        await actor_of(self)
        table = self._table.merged(word_id)
        at = table.place_of(word_id)
        if at is not None and len(table.entries[at].text) > LONGEST_WORD:
            raise ConflictError(f"Both words together have more than {LONGEST_WORD} characters.", "captions")
        await self._change(table)

    @rx.event
    async def insert_word(self, word_id: int) -> Then:
        """Put a blank word behind another one, or at the start where there is none."""
        await actor_of(self)
        table = self._table.inserted_after(word_id)
        if table is self._table:
            raise ConflictError(f"There are {MOST_WORDS} words already, which is the most.", "captions")
        self._turn_to(table, table.made)
        await self._change(table)
        return focus_on(f"word-{table.made}")

    @rx.event
    async def delete_word(self, word_id: int) -> None:
        """Take a word away."""
        await actor_of(self)
        await self._change(self._table.without(word_id))

    async def _change(self, table: WordTable) -> None:
        if table != self._table:
            self._before, self._table, self.can_undo = self._table, table, True
            self._blamed, self._typed = {}, 0
            await show(self)

    @rx.event
    async def turn_page(self, page: float) -> None:
        """Show another page of words."""
        await actor_of(self)
        self.page = int(number_of(page))
        await show(self)

    @rx.event
    async def find_moment(self) -> None:
        """Turn to the word that is spoken in the frame that is shown."""
        await actor_of(self)
        word = self._table.spoken_at(moment_ms(await self.get_state(MomentState)))
        if word is not None:
            self._turn_to(self._table, word.id)
        await show(self)

    @rx.event
    async def find_problem(self) -> None:
        """Turn to the next word that something is wrong with."""
        await actor_of(self)
        wrong = [
            word.id for word, sentence in zip(self._table.entries, await _sentences(self), strict=True) if sentence
        ]
        if wrong:
            behind = wrong.index(self.selected) + 1 if self.selected in wrong else 0
            self._turn_to(self._table, wrong[behind % len(wrong)])
        await show(self)

    def _turn_to(self, table: WordTable, word_id: int) -> None:
        self.selected, self.page = word_id, (table.place_of(word_id) or 0) // _PAGE + 1


# Public methods of a state are handlers that any client can call: what other states need are functions.


async def show(captions: CaptionsState) -> None:
    """Bring the page of words up to date."""
    entries, sentences = captions._table.entries, await _sentences(captions)
    captions.word_count, captions.problem_count = len(entries), sum(map(bool, sentences))
    captions.page_count = max(1, -(-len(entries) // _PAGE))
    captions.page = max(1, min(captions.page, captions.page_count))
    first = (captions.page - 1) * _PAGE
    page = zip(entries[first : first + _PAGE], sentences[first : first + _PAGE], strict=True)
    captions.rows = [WordRow.of(number, *word) for number, word in enumerate(page, first + 1)]


async def _sentences(captions: CaptionsState) -> list[str]:
    length = length_ms(await captions.get_state(MomentState))
    found = zip(captions._table.entries, captions._table.sentences(length), strict=True)
    return [sentence or captions._blamed.get(entry.id, "") for entry, sentence in found]


async def turn_to(captions: CaptionsState, template: str) -> None:
    """Show another template's captions: as they were left, or those of the one before. Without captions, the same."""
    if captions_of(captions._template):
        captions._kept[captions._template] = (captions.text, captions._table)
    if captions_of(template):
        captions.text, captions._table = captions._kept.get(template, (captions.text, captions._table))
    captions._template, captions._blamed, captions.can_undo, captions.problem = template, {}, False, ""
    captions.version += 1
    await show(captions)


async def take_back(
    captions: CaptionsState, template: str, present: tuple[str, WordTable], kept: dict[str, tuple[str, WordTable]]
) -> None:
    """Show what the captions were once, for all templates."""
    captions._template, captions._kept, captions.page = template, kept, 1
    captions.text, captions._table = present
    captions._blamed, captions.can_undo, captions.problem = {}, False, ""
    captions.version += 1
    await show(captions)


async def fill(captions: CaptionsState, config: Mapping[str, Any]) -> None:
    """Show the captions of a config of the present template, in place of what was there."""
    text, words = captions_in(config, captions._template)
    captions.text, captions._table, captions.page = text, WordTable.of(words), 1
    captions._blamed, captions.can_undo, captions.problem = {}, False, ""
    captions.version += 1
    await show(captions)


def config_of(captions: CaptionsState) -> dict[str, Any]:
    """The template's settings that the editor fills: the words, or else the text."""
    fields, sent = captions_of(captions._template), _sent(captions)
    if sent and "captions" in fields:
        words = [{"text": word.text, "start": word.start, "end": word.end} for word in sent]
        return {fields["captions"].path: words}
    if captions.text.strip() and "caption-text" in fields:
        return {fields["caption-text"].path: captions.text}
    return {}


def require_read(captions: CaptionsState) -> None:
    """Refuse a draft with a word whose time could not be read.

    Raises:
        InvalidInputError: Naming the first of them.
    """
    field = captions_of(captions._template).get("captions")
    for index, entry in enumerate(_sent(captions)):
        if field is not None and any(entry.unread):
            raise InvalidInputError(f"config.{field.path}[{index}]", "has a time that cannot be read")


def _sent(captions: CaptionsState) -> list[Entry]:
    return [entry for entry in captions._table.entries if entry.text.strip()]


async def blame(captions: CaptionsState, number: int | None, problem: str) -> None:
    """Say at a word, by its number in the order, what the renderer has found, and nothing at any other."""
    sent = _sent(captions)
    blamed = {} if number is None or number >= len(sent) else {sent[number].id: problem}
    if blamed != captions._blamed:
        captions._blamed = blamed
        await show(captions)
