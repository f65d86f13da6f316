import pytest

from telephony.rtp.emodel import Line, delay_impairment, equipment_impairment, noise, opinion, rating, signal_to_noise
from telephony.rtp.quality import Impairments, burst_ratio, mos


def test_the_defaults_give_what_the_recommendation_says() -> None:
    """G.107 table 2 and its Annex B: with all defaults R is 93.2, MOS 4.41; No is -61.18 dBm0p."""
    assert noise() == pytest.approx(-61.18, abs=0.005)
    assert signal_to_noise() == pytest.approx(94.77, abs=0.005)
    assert rating() == pytest.approx(93.2, abs=0.05)
    assert opinion(rating()) == pytest.approx(4.41, abs=0.005)


@pytest.mark.parametrize(
    ("rating_factor", "score"), [(90, 4.34), (80, 4.03), (70, 3.60), (60, 3.10), (50, 2.58), (0, 1.0), (100, 4.5)]
)
def test_opinion_follows_annex_b(rating_factor: float, score: float) -> None:
    """The bounds of G.109's categories (its table says 4.03 where the formula gives 4.024)."""
    assert opinion(rating_factor) == pytest.approx(score, abs=0.0065)


def test_opinion_stays_on_its_scale_and_rises() -> None:
    scores = [opinion(step / 4) for step in range(-40, 480)]
    assert scores[0] == 1.0
    assert scores[-1] == 4.5
    assert min(scores) == 1.0
    over = [score for score in scores if score > 1.0]
    assert over == sorted(over)


@pytest.mark.parametrize("one_way_ms", [100, 150, 177, 200, 250, 300])
def test_delay_agrees_with_the_known_straight_lines(one_way_ms: float) -> None:
    """Id = 0.024 d + 0.11 (d - 177.3) H(d - 177.3): Cole and Rosenbluth's fit of G.107's defaults, good to about 1."""
    fit = 0.024 * one_way_ms + 0.11 * max(0.0, one_way_ms - 177.3)
    assert delay_impairment(one_way_ms) == pytest.approx(fit, abs=1.1)


def test_delay_of_150_and_300_ms() -> None:
    assert rating(150) == pytest.approx(89.5, abs=0.1)
    assert rating(300) == pytest.approx(72.7, abs=0.1)
    assert delay_impairment(0) == pytest.approx(0.15, abs=0.01)


def test_loss_of_g711_with_and_without_concealment() -> None:
    """G.107 (7-29) with G.113's Bpl of 25.1 and 4.3: 2 % costs 7 or 30, 5 % costs 16 or 51."""
    assert equipment_impairment(0, 25.1, 2) == pytest.approx(7.0, abs=0.05)
    assert equipment_impairment(0, 25.1, 5) == pytest.approx(15.8, abs=0.05)
    assert equipment_impairment(0, 4.3, 2) == pytest.approx(30.2, abs=0.05)
    assert equipment_impairment(0, 4.3, 5) == pytest.approx(51.1, abs=0.05)
    assert equipment_impairment(11, 19, 0) == 11  # G.729A without loss
    assert equipment_impairment(0, 25.1, 5, burst_ratio=2) > equipment_impairment(0, 25.1, 5)


def test_a_noisy_room_or_a_loud_echo_lowers_the_rating() -> None:
    assert rating(line=Line(receiver_room_noise=65)) < rating() - 5
    assert rating(100, line=Line(talker_echo_loss=35)) < rating(100) - 20


def test_a_clean_local_line_is_nearly_the_best() -> None:
    assert mos(Impairments("PCMA", 0.0, 1.0, 2.0)) == pytest.approx(4.37, abs=0.01)


def test_each_impairment_lowers_the_score_and_none_leaves_the_scale() -> None:
    for codec in ("PCMA", "PCMU", "G722", "opus", "unknown"):
        clean = mos(Impairments(codec, 0.0))
        assert 4.3 < clean <= 4.41
        by_loss = [mos(Impairments(codec, loss / 100)) for loss in (0, 1, 3, 5, 10, 20, 50, 100)]
        assert by_loss == sorted(by_loss, reverse=True)
        assert by_loss[-1] >= 1.0
        assert mos(Impairments(codec, 0.05)) < 3.9
        assert mos(Impairments(codec, 0.0, jitter_ms=60)) < clean - 0.3
        assert mos(Impairments(codec, 0.0, round_trip_ms=600)) < clean - 0.8
    assert mos(Impairments("PCMA", 7.0)) == mos(Impairments("PCMA", 1.0))  # a far end that counts wrongly


def test_burst_ratio() -> None:
    assert burst_ratio(10, 10, 0.1) == 1.0
    assert burst_ratio(30, 10, 0.1) == pytest.approx(2.7)
    assert burst_ratio(0, 0, 0.0) == 1.0
    assert burst_ratio(5, 2, 1.0) == 1.0
    assert mos(Impairments("PCMA", 0.05, burst_ratio=3)) < mos(Impairments("PCMA", 0.05))
