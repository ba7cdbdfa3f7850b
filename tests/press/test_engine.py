"""What TeX's log says of boxes that are too large."""

from __future__ import annotations

import pytest

from penwork.press.engine import overfull_boxes


@pytest.mark.parametrize(("points", "counts"), [("0.6", 0), ("1.4", 1)])
def test_a_column_may_be_too_high_by_less_than_a_point(points: str, counts: int) -> None:
    high = rf"Overfull \vbox ({points}pt too high) has occurred while \output is active []"
    wide = r"Overfull \hbox (0.6pt too wide) in paragraph at lines 1--2"
    assert len(list(overfull_boxes(f"penwork-mark:1\n{high}\n{wide}"))) == 1 + counts


def test_boxes_of_a_trial_that_was_set_again_do_not_count() -> None:
    high = r"Overfull \vbox (15.0pt too high) has occurred while \output is active []"
    wide = r"Overfull \hbox (3.0pt too wide) in paragraph at lines 1--2"
    log = ["penwork-mark:1", high, wide, "penwork-recut", "penwork-mark:2", high, "penwork-mark:3"]
    log += [wide, "penwork-mark:again", "penwork-mark:4"]
    assert [(box.mark, box.what) for box in overfull_boxes("\n".join(log))] == [
        ("1", "wide"),
        ("2", "high"),
    ]
