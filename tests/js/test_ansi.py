"""What becomes of a line of terminal output."""

import pytest
from playwright.sync_api import Page

from tests.js.site import Site

pytestmark = [pytest.mark.browser]

ESC = "\x1b"
# line → [text, classes] of each run
VECTORS = {
    "plain": ("plain", [["plain", ""]]),
    "empty": ("", []),
    "a colour and back": (f"{ESC}[31mred{ESC}[0m rest", [["red", "c1"], [" rest", ""]]),
    "reset without a number": (f"{ESC}[32mgreen{ESC}[m rest", [["green", "c2"], [" rest", ""]]),
    "bright": (f"{ESC}[94mblue", [["blue", "c12"]]),
    "styles": (
        f"{ESC}[1;3;4;9mall{ESC}[22;23;24;29mnone",
        [["all", "bold italic underline strike"], ["none", ""]],
    ),
    "dim": (f"{ESC}[2mdim{ESC}[22mnot", [["dim", "dim"], ["not", ""]]),
    "concealed": (f"{ESC}[8mno{ESC}[28myes", [["no", "conceal"], ["yes", ""]]),
    "a background": (f"{ESC}[41mon red{ESC}[49moff", [["on red", "on-colour b1"], ["off", ""]]),
    "a bright background": (f"{ESC}[102mx", [["x", "on-colour b10"]]),
    "a background decides the text": (f"{ESC}[31;44mx", [["x", "on-colour b4"]]),
    "inverse": (f"{ESC}[7mx{ESC}[27my", [["x", "on-colour b-text"], ["y", ""]]),
    "inverse of a colour": (f"{ESC}[33;7mx", [["x", "on-colour b3"]]),
    "256 colours": (f"{ESC}[38;5;196mx{ESC}[38;5;3my", [["x", "c1"], ["y", "c3"]]),
    "grey of 256": (f"{ESC}[38;5;240mx", [["x", "c8"]]),
    "RGB": (f"{ESC}[38;2;250;80;80mx", [["x", "c9"]]),
    "an RGB background": (f"{ESC}[48;2;0;0;0mx", [["x", "on-colour b0"]]),
    "back to the default": (f"{ESC}[31ma{ESC}[39mb", [["a", "c1"], ["b", ""]]),
    "what a carriage return leaves": ("10 %\r50 %\r100 %", [["100 %", ""]]),
    "CR LF": ("windows\r", [["windows", ""]]),
    "colour before a carriage return": (f"{ESC}[31mold\rnew", [["new", "c1"]]),
    "cursor movement": (f"a{ESC}[2Kb{ESC}[1;2Hc{ESC}[?25l", [["a", ""], ["b", ""], ["c", ""]]),
    "other strings": (f"a{ESC}]0;title\x07b{ESC}Pq{ESC}\\c", [["a", ""], ["b", ""], ["c", ""]]),
    "a string without an end": (f"a{ESC}]0;title", [["a", ""]]),
    "other escapes": (f"a{ESC}(Bb{ESC}cc", [["a", ""], ["b", ""], ["c", ""]]),
    "control characters": ("a\x00\x08\x07b\tc", [["a", ""], ["b\tc", ""]]),
    "markup is text": ("<img src=x onerror=alert(1)>", [["<img src=x onerror=alert(1)>", ""]]),
}


@pytest.fixture
def ansi(site: Site, page: Page) -> Page:
    site.open("")
    return page


def test_lines_become_runs(ansi: Page) -> None:
    found = ansi.evaluate(
        """async (lines) => {
          const { parse } = await import("/js/ansi.js");
          return lines.map((line) => parse(line).map((run) => [run.text, run.classes]));
        }""",
        [line for line, _ in VECTORS.values()],
    )
    assert dict(zip(VECTORS, found, strict=True)) == {k: runs for k, (_, runs) in VECTORS.items()}


def test_links_lead_to_the_web_only(ansi: Page) -> None:
    found = ansi.evaluate(
        """async (lines) => {
          const { parse } = await import("/js/ansi.js");
          return lines.map((line) => parse(line).map((run) => run.href));
        }""",
        [
            f"{ESC}]8;;https://example.org/x\x07text{ESC}]8;;\x07 after",
            f"{ESC}]8;id=1;http://example.org{ESC}\\text{ESC}]8;;{ESC}\\",
            f"{ESC}]8;;javascript:alert(1)\x07text{ESC}]8;;\x07",
            f"{ESC}]8;;file:///etc/passwd\x07text",
        ],
    )
    assert found == [["https://example.org/x", None], ["http://example.org"], [None], [None]]


def test_a_match_is_marked_across_colours(ansi: Page) -> None:
    html = ansi.evaluate(
        f"""async () => {{
          const {{ render }} = await import("/js/ansi.js");
          const element = document.createElement("div");
          render(element, "a {ESC}[31mfai{ESC}[0mled <b>", /failed/giu);
          return element.innerHTML;
        }}"""
    )
    assert html == "a <mark>fai</mark><mark>led</mark> &lt;b&gt;"


def test_the_text_of_a_line_has_no_sequences(ansi: Page) -> None:
    text = ansi.evaluate(
        f"""async () => (await import("/js/ansi.js")).plain("{ESC}[1;31mfatal:{ESC}[0m x")"""
    )
    assert text == "fatal: x"
