"""The words of an RTF document in reading order, as blocks. After Microsoft's RTF specification 1.9.1.

A group may be a destination of its own: a footnote, a header, a text box, a property of the file, or nothing to read.
Deleted, moved-away and hidden text is left out.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from striprtf.striprtf import charset_map, destinations, specialchars

from ingest.extractors.sections import Block

_TOKEN = re.compile(
    r"\\([a-zA-Z]{1,32})(-?\d{1,10})? ?|\\'([0-9a-fA-F]{2})|\\([^a-zA-Z])|([{}])|[\r\n\0]+|([^\\{}\r\n\0]+)", re.DOTALL
)
# Groups whose words people read, which the library's table counts among those to be skipped.
_READ_WORDS = (
    "shp shpinst shpgrp do result object field fldrslt listtext pntext moMath moMathPara mr mf mfunc mnum md mdeg "
    "mden me msub msup mlim msSub msSup msSubSup mnary mrad mbar mbox mborderBox maln meqArr mgroupChr mlimlow "
    "mlimupp macc mphant msPre mm"
)
_READ = frozenset(_READ_WORDS.split())
# Skipped too, beside the library's: pictures of what else is said in words, and what later versions added.
_SKIPPED_WORDS = (
    "mmath mmathPict nonshppict shppict pict shprslt defchp defpap pgdsctbl themedata xmlnstbl datastore rsidtbl "
    "fldinst passwordhash listpicture ftnsep ftnsepc ftncn aftnsep aftnsepc aftncn atnid atnauthor atnref atndate "
    "atntime atnparent atnicn objdata objclass objname oldcprops oldpprops falt sp"
)
_SKIPPED = frozenset(_SKIPPED_WORDS.split())
_NOTES = frozenset({"footnote", "annotation"})
_MARGINS = frozenset("header headerl headerr headerf footer footerl footerr footerf".split())  # noqa: SIM905
_PROPERTIES = frozenset({"title", "author"})
_TIMES = frozenset({"creatim", "revtim"})
_TIME_WORDS = {"yr": 0, "mo": 1, "dy": 2, "hr": 3, "min": 4}
_ENDS_PARAGRAPH = frozenset({"par", "sect", "page"})
_SIGNS = {**specialchars, "-": "", "_": "-", "~": "\u00a0", "cell": "\t", "nestcell": "\t", "softline": "\n"}
_ENCODINGS = {"ansi": "cp1252", "mac": "mac_roman", "pc": "cp437", "pca": "cp850"}


@dataclass(slots=True)
class _Sink:
    """Where words go: the body, a note, a margin. Its paragraphs become blocks."""

    blocks: list[Block] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    after: list[Block] = field(default_factory=list)
    breaks: bool = False

    def end(self, *, breaks: bool = False) -> str:
        """End the paragraph, and return its words."""
        words = _characters(self.words).strip(" \n")
        self.blocks.append(Block(words.rstrip("\t"), breaks or self.breaks, tuple(self.notes)))
        self.blocks += self.after
        self.words, self.notes, self.after, self.breaks = [], [], [], False
        return words

    def text(self) -> str:
        if self.words or self.notes or self.after:
            self.end()
        return "\n".join(line for block in self.blocks for line in (block.text, *block.notes) if line.strip())


@dataclass(slots=True)
class _State:
    """What a group inherits, and what ends with it."""

    sink: _Sink
    skips: bool = False
    unicode_skip: int = 1
    font: str | None = None
    hidden: bool = False
    deleted: bool = False
    # The destination that this very group is, and what happens when it ends.
    destination: str = ""
    at_end: Callable[[], None] | None = None
    # Whether an alternative within this skipped group is read (\upr).
    alternative_skips: bool = True


@dataclass(slots=True)
class _Layout:
    """Properties of the paragraph that is being read."""

    in_table: bool = False
    breaks: bool = False
    level: int | None = None
    style: str = "0"


class Story:
    """Reads one document. `stated` has its properties, `heading` is the paragraph in the style Title, else the first
    heading of level 1; `unclosed` says that the file ends too early.
    """

    def __init__(self) -> None:
        self.stated: dict[str, str] = {}
        self.unclosed = False
        self._title: str | None = None
        self._first_heading: str | None = None
        self._body = _Sink()
        self._margins: dict[str, list[str]] = {"header": [], "footer": []}
        self._state = _State(self._body)
        self._stack: list[_State] = []
        self._layout = _Layout()
        self._encoding = "cp1252"
        self._default_font: str | None = None
        self._fonts: dict[str, str] = {}
        self._styles: dict[str, str] = {}
        self._pending = bytearray()
        self._left_to_skip = 0
        self._time = [0] * 5
        self._optional = False

    @property
    def heading(self) -> str | None:
        return self._title or self._first_heading

    def blocks(self) -> Iterator[Block]:
        """Yield the document: headers, body, footers; the same margin once."""
        for text in dict.fromkeys(self._margins["header"]):
            yield Block(text)
        yield from self._body.blocks
        for text in dict.fromkeys(self._margins["footer"]):
            yield Block(text)

    def read(self, source: str) -> None:
        """Read a document, its bytes as Latin-1."""
        position = 0
        while match := _TOKEN.match(source, position):
            position = match.end()
            word, argument, digits, sign, brace, run = match.groups()
            if digits:
                self._byte(int(digits, 16))
                continue
            if run:
                self._run(run)
                continue
            if sign and sign in "{}\\":
                # It may be the second byte of a character.
                self._byte(ord(sign))
                continue
            self._flush()
            if brace == "{":
                self._left_to_skip = 0
                self._stack.append(self._state)
                self._state = replace(self._state, destination="", at_end=None, alternative_skips=True)
                if self._state.skips:
                    self._state.alternative_skips = self._stack[-1].alternative_skips
            elif brace == "}":
                self._left_to_skip = 0
                self._close()
                if not self._stack:
                    break
            elif word == "bin":
                position += max(0, int(argument or 0))
            elif word:
                self._word(word, int(argument) if argument else None)
            elif sign:
                self._sign(sign)
        self._flush()
        self.unclosed = bool(self._stack)
        while self._stack:
            self._close()
        if self._body.words or self._body.notes or self._body.after:
            self._end_paragraph()

    def _close(self) -> None:
        ended, self._optional = self._state, False
        if not self._stack:
            return
        self._state = self._stack.pop()
        if ended.at_end is not None:
            ended.at_end()

    def _sign(self, sign: str) -> None:
        if sign == "*":
            self._optional = True
        elif sign in "\r\n":
            self._word("par", None)
        elif sign in _SIGNS:
            self._put(_SIGNS[sign])

    def _word(self, word: str, argument: int | None) -> None:
        optional, self._optional = self._optional, False
        state = self._state
        if word == "u" and argument is not None:
            self._put(chr(argument % 0x10000))
            self._left_to_skip = state.unicode_skip
            return
        if self._left_to_skip and word in _SIGNS:
            self._left_to_skip -= 1
            return
        if word == "ud" and state.skips:
            state.skips = state.alternative_skips
            return
        if self._opens_destination(word, optional=optional):
            return
        if state.destination in ("fonttbl", "stylesheet") or state.skips:
            self._table_word(word, argument)
            return
        self._text_word(word, argument)

    def _opens_destination(self, word: str, *, optional: bool) -> bool:
        """Say whether a word makes its group a destination, and prepare what follows from it."""
        state = self._state
        if word in _TIME_WORDS and state.destination in _TIMES:
            return False
        if word == "upr":
            state.alternative_skips, state.skips = state.skips, True
        elif word in ("fonttbl", "stylesheet"):
            state.destination, state.skips = word, True
            if word == "stylesheet":
                state.sink = _Sink()
        elif word == "info":
            # Its groups are read for themselves.
            state.destination, state.skips = word, True
        elif word in (*_PROPERTIES, *_TIMES) and self._stack and self._stack[-1].destination == "info":
            self._open_property(word)
        elif state.skips:
            return False
        elif word in _NOTES or word in _MARGINS:
            self._open_aside(word)
        elif word in ("shptxt", "dptxbxtext"):
            self._open_box()
        elif word in _SKIPPED or (word not in _READ and (word in destinations or optional)):
            state.skips = True
        else:
            return False
        return True

    def _open_property(self, word: str) -> None:
        state = self._state
        state.destination = word
        if word in _TIMES:
            self._time = [0] * 5
            state.at_end = lambda: self._take_time(word)
            return
        sink = state.sink = _Sink()
        state.skips = False

        def take() -> None:
            if text := " ".join(sink.text().split()):
                self.stated[word] = text

        state.at_end = take

    def _take_time(self, word: str) -> None:
        year, month, day, hour, minute = self._time
        if year and month and day:
            self.stated[word] = f"{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}"

    def _open_aside(self, word: str) -> None:
        outer, layout = self._state.sink, self._layout
        sink = self._state.sink = _Sink()
        self._layout = _Layout()

        def take() -> None:
            self._layout = layout
            if not (text := sink.text().strip()):
                return
            if word in _NOTES:
                outer.notes.append(text)
            else:
                self._margins[word[:6]].append(text)

        self._state.at_end = take

    def _open_box(self) -> None:
        outer, layout = self._state.sink, self._layout
        sink = self._state.sink = _Sink()
        self._layout = _Layout()

        def take() -> None:
            self._layout = layout
            if text := sink.text().strip():
                outer.after.append(Block(text))

        self._state.at_end = take

    def _table_word(self, word: str, argument: int | None) -> None:
        """A word within the tables of fonts and styles, the times of the file, or what is skipped."""
        table = next((state.destination for state in (self._state, *reversed(self._stack)) if state.destination), "")
        if table == "fonttbl":
            if word == "f":
                self._state.font = str(argument)
            elif word == "fcharset" and argument:
                # 0 is the encoding of the whole document.
                self._set_font_encoding(charset_map.get(argument, ""))
            elif word == "cpg":
                self._set_font_encoding(f"cp{argument}")
        elif table == "stylesheet" and word == "s":
            self._note_style(str(argument))
        elif table in _TIMES and word in _TIME_WORDS:
            self._time[_TIME_WORDS[word]] = argument or 0

    def _set_font_encoding(self, name: str) -> None:
        if encoding := _known(name):
            self._fonts[self._state.font or ""] = encoding

    def _note_style(self, number: str) -> None:
        sink = self._state.sink = _Sink()
        self._state.skips = False
        self._state.destination = "style"

        def take() -> None:
            self._styles[number] = sink.text().rstrip(";").strip().casefold()

        self._state.at_end = take

    def _text_word(self, word: str, argument: int | None) -> None:
        state, layout = self._state, self._layout
        on = argument != 0
        if word in _ENDS_PARAGRAPH or word in ("row", "nestrow"):
            self._end_paragraph_by(word)
        elif word in _SIGNS:
            self._put(_SIGNS[word])
        elif word == "pard":
            self._layout = _Layout()
        elif word == "plain":
            state.hidden = state.deleted = False
            state.font = self._default_font
        elif word == "f":
            state.font = str(argument)
        elif word == "uc":
            state.unicode_skip = max(0, argument or 0)
        elif word == "v":
            state.hidden = on
        elif word in ("deleted", "mvf"):
            state.deleted = on
        elif word in ("intbl", "itap"):
            layout.in_table = on
        elif word == "pagebb":
            layout.breaks = on
        elif word == "outlinelevel":
            layout.level = argument
        elif word == "s":
            layout.style = str(argument)
        elif word == "deff":
            self._default_font = str(argument)
            state.font = state.font or self._default_font
        elif word in _ENCODINGS:
            self._encoding = _ENCODINGS[word]
        elif word == "ansicpg":
            self._encoding = _known(f"cp{argument}") or self._encoding

    def _end_paragraph_by(self, word: str) -> None:
        if (word == "par" and self._layout.in_table) or word == "nestrow":
            self._put("\n")
        elif word == "page":
            if self._state.hidden or self._state.deleted:
                return
            if self._state.sink.words:
                self._end_paragraph()
            self._state.sink.breaks = True
        else:
            self._end_paragraph()
            if word == "sect":
                self._state.sink.breaks = True

    def _end_paragraph(self) -> None:
        sink, layout = self._state.sink, self._layout
        style = self._styles.get(layout.style, "")
        is_top = layout.level == 0 or style == "heading 1"
        has_words = any(part.strip() for part in sink.words)
        words = sink.end(breaks=layout.breaks or (is_top and has_words))
        if sink is self._body and has_words:
            if style == "title":
                self._title = self._title or words
            elif is_top:
                self._first_heading = self._first_heading or words

    def _byte(self, value: int) -> None:
        if self._left_to_skip:
            self._left_to_skip -= 1
        else:
            self._pending.append(value)

    def _run(self, run: str) -> None:
        if self._left_to_skip:
            skipped = min(self._left_to_skip, len(run))
            self._left_to_skip -= skipped
            run = run[skipped:]
        self._optional = False
        if not self._state.skips:
            self._pending += run.encode("latin-1")

    def _flush(self) -> None:
        """Put the bytes that came since the last word; the second byte of a character may stand for itself."""
        if self._pending:
            encoding = self._fonts.get(self._state.font or "", self._encoding)
            self._put(self._pending.decode(encoding, "replace"))
            self._pending.clear()

    def _put(self, text: str) -> None:
        state = self._state
        if text and not (state.skips or state.hidden or state.deleted):
            state.sink.words.append(text)


def _known(encoding: str) -> str | None:
    try:
        return codecs.lookup(encoding).name
    except LookupError:
        return "utf-8" if encoding == "cp65001" else None


def _characters(words: list[str]) -> str:
    r"""Join what was read, and the halves of characters that \u gives in two."""
    return "".join(words).encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
