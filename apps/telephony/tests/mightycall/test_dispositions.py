"""The machine's outcome of a call, from words and codes."""

import pytest

from apps.campaigns.types import SystemDisposition as Outcome
from apps.telephony.mightycall.dispositions import cause_text, outcome_of

Q850 = {
    Outcome.CONNECTED: (16,),
    Outcome.BUSY: (17,),
    Outcome.NO_ANSWER: (18, 19),
    Outcome.REJECTED: (21,),
    Outcome.INVALID_NUMBER: (1, 22, 28),
    Outcome.UNREACHABLE: (3, 20, 27),
    Outcome.NETWORK_FAILURE: (34, 38, 41, 42, 44),
}
SIP = {
    Outcome.BUSY: (486,),
    Outcome.NO_ANSWER: (408, 480),
    Outcome.REJECTED: (603,),
    Outcome.INVALID_NUMBER: (404, 410, 484),
    Outcome.NETWORK_FAILURE: (500, 502, 503, 504),
}


@pytest.mark.parametrize(
    ("code", "outcome"), [(code, outcome) for outcome, codes in Q850.items() for code in codes]
)
def test_a_q850_cause_stands_in_for_an_unknown_word(code: int, outcome: Outcome) -> None:
    assert outcome_of("SomethingNew", code, None) == outcome


@pytest.mark.parametrize(
    ("code", "outcome"), [(code, outcome) for outcome, codes in SIP.items() for code in codes]
)
def test_a_sip_code_stands_in_for_an_unknown_cause(code: int, outcome: Outcome) -> None:
    assert outcome_of(None, None, code) == outcome


def test_the_word_goes_before_the_codes() -> None:
    assert outcome_of("AnsweringMachine", 16, 200) == Outcome.ANSWERING_MACHINE


def test_what_nothing_explains_has_failed() -> None:
    assert outcome_of("SomethingNew", 99, 200) == Outcome.FAILED


def test_the_cause_names_the_codes_that_came() -> None:
    assert cause_text(17, 486) == "Q.850 17, SIP 486"
    assert cause_text(None, 486) == "SIP 486"
    assert cause_text(None, None) == ""
