"""What is wrong with a choice of readings is said in sentences that name what can be chosen."""

from pathlib import Path

import pytest

from tracepass_contract.spec import CardError, UnreadableFile, check_answers, load_card


@pytest.mark.parametrize(
    ("answers", "sentence"),
    [
        (
            {"quota.consent-plce": "top-level"},
            "quota.consent-plce: there is no such reading. Did you mean quota.consent-place?",
        ),
        ({"xyz": "1"}, "xyz: there is no such reading. `tracepass-mock readings` lists them."),
        ({"batch.mixed-status": "204"}, "batch.mixed-status: expected one of 200, 201, 207; found 204."),
        (
            {"budget.owner": "api-key"},
            "budget.owner: expected workspace, found api-key. It is documented, and the mock has it so.",
        ),
    ],
)
def test_an_answer_that_is_not_there(answers: dict[str, str], sentence: str) -> None:
    assert check_answers(answers) == [sentence]


def test_a_fixed_reading_may_be_given_its_one_answer() -> None:
    assert check_answers({"budget.owner": "workspace"}) == []


def test_answers_that_contradict_each_other_name_both_and_the_way_out() -> None:
    (problem,) = check_answers({"batch.all-failed-status": "422"})

    assert "batch.all-failed-status=422 and idempotency.remembered-outcomes=2xx contradict each other" in problem
    assert "idempotency.remembered-outcomes: executed, all-but-429-and-5xx, all" in problem
    assert check_answers({"batch.all-failed-status": "422", "idempotency.remembered-outcomes": "executed"}) == []


def test_a_card_gives_answers_by_reading(tmp_path: Path) -> None:
    card = tmp_path / "card.yaml"
    card.write_text("deployment: staging\nreadings:\n  batch.mixed-status: 207\n  items.created-data: trimmed\n")

    assert load_card(card) == {"batch.mixed-status": "207", "items.created-data": "trimmed"}


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("readings: [", "expected YAML, found"),
        ("observed_at: 2026-02-30", "expected YAML, found day is out of range for month"),
        ("readings: {a.b: " + "1" * 5000 + "}", "expected YAML, found Exceeds the limit"),
        ("- a", "expected a mapping with the member readings, found list"),
        (
            "reading: {}",
            "reading: expected one of readings, deployment, observed_at, spec_sha256; did you mean readings?",
        ),
        ("zzz: {}", "zzz: expected one of readings, deployment, observed_at, spec_sha256"),
        ("readings: all", "readings: expected a mapping from readings to answers, found 'all'"),
        ("readings: {a.b: yes}", "readings: a.b: expected the name of an answer, found True"),
        ("readings: {a.b: [1]}", "readings: a.b: expected the name of an answer, found [1]"),
    ],
)
def test_a_damaged_card_says_where_what_was_expected_and_what_was_found(
    tmp_path: Path, content: str, told: str
) -> None:
    card = tmp_path / "card.yaml"
    card.write_text(content)

    with pytest.raises(UnreadableFile) as error:
        load_card(card)
    assert str(error.value).startswith(f"{card}: ")
    assert told in str(error.value)


def test_a_card_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="No such file or directory"):
        load_card(tmp_path / "none.yaml")
    assert issubclass(CardError, UnreadableFile)
