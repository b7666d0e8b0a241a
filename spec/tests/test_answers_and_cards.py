"""What is wrong with a choice of readings is said in sentences that name what can be chosen."""

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracepass_contract.spec import Card, CardError, UnreadableFile, card_as_yaml, check_answers, load_card, readings


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

    found = load_card(card)
    assert found.readings == {"batch.mixed-status": "207", "items.created-data": "trimmed"}
    assert (found.deployment, found.observed_at, found.open) == ("staging", None, {})


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("readings: [", "expected YAML, found"),
        ("observed_at: 2026-02-30", "expected YAML, found day is out of range for month"),
        ("readings: {a.b: " + "1" * 5000 + "}", "expected YAML, found Exceeds the limit"),
        ("- a", "expected a mapping with the member readings, found a list"),
        ("", "expected a mapping with the member readings, found nothing"),
        ("207", "expected a mapping with the member readings, found a single value"),
        ("readings:", "readings: expected a mapping from readings to answers, found nothing"),
        (
            "reading: {}",
            "reading: expected one of readings, deployment, observed_at, spec_sha256, open; did you mean readings?",
        ),
        ("zzz: {}", "zzz: expected one of readings, deployment, observed_at, spec_sha256, open"),
        ("readings: all", "readings: expected a mapping from readings to answers, found 'all'"),
        ("readings: {a.b: yes}", "readings: a.b: expected the name of an answer, found True"),
        ("open: [a]", "open: expected a mapping from readings to answers, found ['a']"),
        ("open: {a.b: c}", "open: a.b: expected a list of answers, found 'c'"),
        ("open: {a.b: [no]}", "open: a.b: expected a list of answers, found [False]"),
        ("readings: {a.b: c, d: e, a.b: f}", "expected YAML, found a.b once more"),
        ("readings: {}\ndeployment: x\nreadings: {}", "expected YAML, found readings once more"),
        ("readings: {a.b: [1]}", "readings: a.b: expected the name of an answer, found [1]"),
    ],
)
def test_a_damaged_card_says_where_what_was_expected_and_what_was_found(
    tmp_path: Path, content: str, message: str
) -> None:
    card = tmp_path / "card.yaml"
    card.write_text(content)

    with pytest.raises(UnreadableFile) as error:
        load_card(card)
    assert str(error.value).startswith(f"{card}: ")
    assert message in str(error.value)


def test_a_name_that_was_merged_in_may_be_given_anew(tmp_path: Path) -> None:
    card = tmp_path / "card.yaml"
    card.write_text("open: &all {a.b: [c]}\nreadings:\n  <<: {a.b: c, d: e}\n  a.b: f\n")

    assert load_card(card).readings == {"a.b": "f", "d": "e"}

    card.write_text("deployment: {x: &b {<<: {k: 1}, k: 2}}\nreadings: {<<: *b}\n")
    assert load_card(card).readings == {"k": "2"}


def test_a_card_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="No such file or directory"):
        load_card(tmp_path / "none.yaml")
    assert issubclass(CardError, UnreadableFile)


@given(
    st.dictionaries(st.sampled_from(sorted(readings())), st.text(st.characters(exclude_categories=["C"]), min_size=1)),
    st.dictionaries(st.sampled_from(sorted(readings())), st.lists(st.sampled_from(["none", "no", "1e3", "0"]))),
    st.none() | st.just("https://staging.example/ö"),
)
def test_a_card_that_was_written_is_the_card_that_is_read(
    answers: dict[str, str], left: dict[str, list[str]], deployment: str | None
) -> None:
    card = Card(answers, left, deployment, observed_at="2026-11-26T05:00:00Z")
    with TemporaryDirectory() as folder:
        path = Path(folder) / "card.yaml"
        path.write_text(card_as_yaml(card, ["What it is", ""]), encoding="utf-8")

        assert load_card(path) == card


def test_each_reading_of_a_card_stands_under_its_question() -> None:
    text = card_as_yaml(Card({"batch.mixed-status": "207", "of-another-version": "no"}), ["A remark"])

    assert text.splitlines() == [
        "# A remark",
        "readings:",
        "  # Which status has a batch of which some items failed?",
        "  batch.mixed-status: '207'",
        "  of-another-version: 'no'",
    ]
    assert card_as_yaml(Card({})) == "readings: {}\n"
