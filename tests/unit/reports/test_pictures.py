"""Pictures as SVG, and test calls counted."""

from xml.etree import ElementTree

from reports.pictures import Box, Picture, Stroke, Words, to_svg
from reports.probes import ProbeCall, probe_lines

SVG = "{http://www.w3.org/2000/svg}"


def test_every_shape_is_drawn_and_text_is_no_markup() -> None:
    shapes = (Box(1, 2, 3, 4.5, "#ff0000", "a<b"), Stroke(((0, 0), (5, 5)), "#000000"), Words(1, 9, "<接通> & co"))
    root = ElementTree.fromstring(to_svg(Picture('A "title"', 20, 10, shapes)))
    assert root.get("viewBox") == "0 0 20 10" and root.get("aria-label") == 'A "title"'
    box, line, words = root
    assert (box.tag, box.get("height"), box.findtext(f"{SVG}title")) == (f"{SVG}rect", "4.5", "a<b")
    assert line.get("points") == "0,0 5,5"
    assert words.text == "<接通> & co"


def test_calls_that_our_own_stop_cut_and_calls_under_way_count_for_nothing() -> None:
    calls = [
        ProbeCall("hotline", "answered", 4.0, 10.0),
        ProbeCall("hotline", "gave_up", 6.0, 120.0),
        ProbeCall("branch", "busy", None, None),
        ProbeCall("branch", "interrupted", 2.0, None),
        ProbeCall("branch", "", None, None),
    ]
    every, branch, hotline = probe_lines(calls)
    assert (every.probe, every.calls, every.answered, every.answer_rate) == ("", 3, 1, 1 / 3)
    assert (branch.calls, branch.answer_rate, branch.ring_s) == (1, 0.0, None)
    assert (hotline.ring_s, hotline.wait_s) == (5.0, 65.0)
    assert probe_lines(calls[3:]) == ()
