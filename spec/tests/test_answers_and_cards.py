"""Error messages for readings and cards name the mistake and the possible answers."""

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
            'unknown reading "quota.consent-plce". Did you mean "quota.consent-place"?',
        ),
        ({"xyz": "1"}, 'unknown reading "xyz". `tracepass-mock readings` lists them.'),
        ({"batch.mixed-status": "204"}, 'batch.mixed-status: unknown answer "204". The answers are 200, 201, 207.'),
        (
            {"budget.owner": "api-key"},
            'budget.owner: the mock has only the answer "workspace", not "api-key". '
            "The documentation says so, and the mock follows it.",
        ),
    ],
)
def test_an_unknown_answer_is_named_with_the_possible_ones(answers: dict[str, str], sentence: str) -> None:
    assert check_answers(answers) == [sentence]


def test_a_fixed_reading_accepts_its_only_answer() -> None:
    assert check_answers({"budget.owner": "workspace"}) == []


def test_the_message_about_contradicting_answers_names_both_and_the_alternatives() -> None:
    (problem,) = check_answers({"batch.all-failed-status": "422"})

    assert "batch.all-failed-status=422 and idempotency.remembered-outcomes=2xx contradict each other" in problem
    assert "idempotency.remembered-outcomes: all-but-429-and-5xx, executed, all" in problem
    assert check_answers({"batch.all-failed-status": "422", "idempotency.remembered-outcomes": "executed"}) == []


def test_a_card_maps_readings_to_answers(tmp_path: Path) -> None:
    card = tmp_path / "card.yaml"
    card.write_text("deployment: staging\nreadings:\n  batch.mixed-status: 207\n  items.created-data: trimmed\n")

    found = load_card(card)
    assert found.readings == {"batch.mixed-status": "207", "items.created-data": "trimmed"}
    assert (found.deployment, found.observed_at, found.open) == ("staging", None, {})


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("readings: [", "invalid YAML: "),
        ("observed_at: 2026-02-30", "invalid YAML: day is out of range for month"),
        ("readings: {a.b: " + "1" * 5000 + "}", "invalid YAML: Exceeds the limit"),
        ("- a", 'a card must be a mapping with the member "readings", but this file is a list'),
        ("", 'a card must be a mapping with the member "readings", but this file is empty'),
        ("207", 'a card must be a mapping with the member "readings", but this file is a single value'),
        ("readings:", '"readings" must be a mapping from readings to answers, but it is empty'),
        ("reading: {}", 'unknown member "reading". Did you mean "readings"?'),
        (
            "zzz: {}",
            'unknown member "zzz". The members are readings, deployment, observed_at, spec_sha256, open.',
        ),
        ("readings: all", "\"readings\" must be a mapping from readings to answers, but it is 'all'"),
        ("readings: {a.b: yes}", "readings: a.b: True is not the name of an answer; put the name in quotes"),
        ("open: [a]", "\"open\" must be a mapping from readings to answers, but it is ['a']"),
        ("open: {a.b: c}", "open: a.b: 'c' is not a list of answers"),
        ("open: {a.b: [no]}", "open: a.b: [False] is not a list of answers"),
        ("readings: {a.b: c, d: e, a.b: f}", 'invalid YAML: duplicate key "a.b"'),
        ("readings: {}\ndeployment: x\nreadings: {}", 'invalid YAML: duplicate key "readings"'),
        ("readings: {a.b: [1]}", "readings: a.b: [1] is not the name of an answer"),
    ],
)
def test_the_message_about_an_invalid_card_says_what_is_wrong_and_where(
    tmp_path: Path, content: str, message: str
) -> None:
    card = tmp_path / "card.yaml"
    card.write_text(content)

    with pytest.raises(UnreadableFile) as error:
        load_card(card)
    assert str(error.value).startswith(f"{card}: ")
    assert message in str(error.value)


def test_a_mapping_may_replace_a_key_that_it_merges(tmp_path: Path) -> None:
    card = tmp_path / "card.yaml"
    card.write_text("open: &all {a.b: [c]}\nreadings:\n  <<: {a.b: c, d: e}\n  a.b: f\n")

    assert load_card(card).readings == {"a.b": "f", "d": "e"}

    card.write_text("deployment: {x: &b {<<: {k: 1}, k: 2}}\nreadings: {<<: *b}\n")
    assert load_card(card).readings == {"k": "2"}


def test_a_missing_card_is_an_unreadable_file(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="No such file or directory"):
        load_card(tmp_path / "none.yaml")
    assert issubclass(CardError, UnreadableFile)


@given(
    st.dictionaries(st.sampled_from(sorted(readings())), st.text(st.characters(exclude_categories=["C"]), min_size=1)),
    st.dictionaries(st.sampled_from(sorted(readings())), st.lists(st.sampled_from(["none", "no", "1e3", "0"]))),
    st.none() | st.just("https://staging.example/ö"),
)
def test_reading_a_written_card_gives_the_same_card(
    answers: dict[str, str], left: dict[str, list[str]], deployment: str | None
) -> None:
    card = Card(answers, left, deployment, observed_at="2026-11-26T05:00:00Z")
    with TemporaryDirectory() as folder:
        path = Path(folder) / "card.yaml"
        path.write_text(card_as_yaml(card, ["What it is", ""]), encoding="utf-8")

        assert load_card(path) == card


def test_a_card_file_has_the_question_above_each_reading() -> None:
    text = card_as_yaml(Card({"batch.mixed-status": "207", "of-another-version": "no"}), ["A remark"])

    assert text.splitlines() == [
        "# A remark",
        "readings:",
        "  # Which status does a batch get when some of its items fail?",
        "  batch.mixed-status: '207'",
        "  of-another-version: 'no'",
    ]
    assert card_as_yaml(Card({})) == "readings: {}\n"
