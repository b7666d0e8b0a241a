"""The page is parsed, as a browser would, and looked at for what a reader and an attacker would look for."""

import base64
import json
from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256
from html.parser import HTMLParser
from itertools import pairwise

import pytest

from tracepass_contract.contract_tests.model.history import History, Lost
from tracepass_contract.contract_tests.model.verdicts import Finding, LeftOver, Observation, RunResult, Spend, Verdict
from tracepass_contract.contract_tests.report.as_html import (
    BODY_CHARACTERS_SHOWN,
    BODY_CHARACTERS_WITHOUT_SCRIPT,
    as_data,
    as_text,
    to_html,
)
from tracepass_contract.contract_tests.report.view import Report, report_of
from tracepass_contract.contract_tests.tests.helpers.sample_run import (
    MARKUP,
    START,
    call,
    history,
    result,
    sample,
    verdicts,
)
from tracepass_contract.spec import rules

VOID = {"meta", "link", "br"}


class Page(HTMLParser):
    """Elements in order with their attributes and their own text; what is open must be closed in turn."""

    def __init__(self, content: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[tuple[str, str]] = []
        self._open: list[str] = []
        self.feed(content)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append((self._open[-1] if self._open else "", data))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]

    def text(self, *tags: str) -> str:
        return " ".join("".join(text for tag, text in self.texts if not tags or tag in tags).split())


HOSTILE = [
    MARKUP,
    '"><svg onload=alert(1)>',
    "{{ 7 * 7 }}{% for x in y %}",
    "]]>--><style>*{display:none}</style>",
    "javascript:alert(1)",
    "\x00\x1b[2J\u202e",
]


def everywhere(hostile: str) -> Report:
    """A run with this text wherever a deployment, a server or a user can put a text."""
    exchange = replace(
        call(1, 200, hostile, body=hostile.encode()),
        path=f"/{hostile}",
        headers={hostile: hostile},
        answer_headers={hostile: hostile},
        detail=hostile,
        purpose=hostile,
        parallel=hostile,
        credential=hostile,
        workspace=hostile,
    )
    violated = Finding("summary.adds-up", Verdict.VIOLATES, hostile, hostile, hostile, hostile, [1])
    untested = Finding(hostile, Verdict.UNTESTED, hostile, missing=hostile)
    spend = Spend(left_behind=[LeftOver(hostile, "409", is_refused=True)])
    run = RunResult(
        target=hostile,
        run=hostile,
        seed=1,
        started_at=START,
        finished_at=START,
        findings=[violated, untested],
        observations=[Observation(hostile, [hostile], [1], hostile)],
        spend=spend,
        capabilities=[hostile],
        notes=[hostile],
        versions={hostile: hostile},
    )
    return report_of(run, History(hostile, hostile, [exchange]))


@pytest.mark.parametrize("hostile", HOSTILE)
def test_whatever_a_deployment_says_stays_text(hostile: str) -> None:
    """The elements of the page are those that a harmless word in its place makes."""
    page, harmless = Page(to_html(everywhere(hostile))), Page(to_html(everywhere("word")))

    assert [tag for tag, _ in page.elements] == [tag for tag, _ in harmless.elements]
    assert [set(attributes) for _, attributes in page.elements] == [set(each) for _, each in harmless.elements]


def test_an_answer_with_markup_is_readable_as_it_was() -> None:
    assert MARKUP in Page(to_html(sample())).text("pre")


def test_the_page_asks_nothing_of_any_network() -> None:
    page = Page(to_html(sample()))

    for _, attributes in page.elements:
        for name in ("src", "href", "srcset", "action", "data", "poster"):
            assert (attributes.get(name) or "#").startswith(("#", "data:,"))
        assert not [name for name in attributes if name.startswith("on") or name == "style"]
    style = page.text("style")
    assert "url(" not in style
    assert "@import" not in style


def test_the_security_policy_lets_in_this_style_and_this_script_and_nothing_else() -> None:
    page = Page(to_html(sample()))
    [policy] = [str(meta["content"]) for meta in page.all("meta") if "http-equiv" in meta]

    assert policy.startswith("default-src 'none'")
    assert [each.get("type") for each in page.all("script")] == ["application/json", "module"]
    for tag in ("style", "script"):
        content = [text for name, text in page.texts if name == tag][-1]
        assert f"{tag}-src 'sha256-{base64.b64encode(sha256(content.encode()).digest()).decode()}'" in policy


def test_headings_go_down_one_level_at_a_time() -> None:
    levels = [int(tag[1]) for tag, _ in Page(to_html(sample())).elements if tag in {"h1", "h2", "h3", "h4", "h5"}]

    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_every_table_has_a_caption_and_headers_with_a_scope() -> None:
    page = Page(to_html(sample()))

    assert len(page.all("caption")) == len(page.all("table"))
    assert {attributes.get("scope") for attributes in page.all("th")} == {"row", "col"}


def test_ids_are_unique_and_every_link_leads_somewhere() -> None:
    page = Page(to_html(sample()))
    ids = [str(attributes["id"]) for _, attributes in page.elements if "id" in attributes]

    assert len(ids) == len(set(ids))
    links = {str(link["href"]) for link in page.all("a")}
    assert {"#failure-1", "#failure-2", "#failure-3", "#call-1", "#call-2", "#call-3"} < links
    assert {link.removeprefix("#") for link in links} <= set(ids)


def test_the_page_tells_the_whole_run() -> None:
    said = Page(to_html(sample())).text()

    for expected in (
        "Does not conform: 2 rules are violated",
        "3 untested",
        "Two writes are left, and a batch of three is refused.",
        "expected 429, and both writes still there, found 200 with three results",
        "no answer (connection: reset while sending Authorization: Bearer [redacted])",
        "Which status does a batch get when some of its items fail?",
        "the mock's default is 200",
        "the card requires failed-items",
        "seen in #1, #2",
        "a second API key of the workspace",
        "needs slots_left",
        "6650ffff",
        "seed 4711",
        "tracepass-contract 0.1.0",
        'curl -sS -i "$TRACEPASS_BASE_URL"',
        "in the race “last writes”",
    ):
        assert expected in said.replace("tracepass-contract0.1.0", "tracepass-contract 0.1.0")


def test_a_verdict_is_not_reported_by_colour_alone() -> None:
    page = Page(to_html(sample()))

    words = {text.strip() for tag, text in page.texts if tag == "span"}
    assert {"violates", "inconclusive", "untested", "conforms", "not applicable"} <= words


def test_the_page_tells_what_a_ceiling_counts_beside() -> None:
    sentence = "Up to 5 more writes count against --max-writes, because the deployment may charge refused calls."

    nothing = report_of(replace(verdicts(), spend=Spend()), history())

    assert sentence in Page(to_html(sample())).text()
    assert "The ceiling counts" not in Page(to_html(nothing)).text()


def test_a_run_without_failures_and_without_observations_is_a_page_too() -> None:
    quiet = replace(verdicts(), spend=Spend(), capabilities=[], notes=[], versions={})

    said = Page(to_html(report_of(quiet, history()))).text()

    assert f"Conforms: {len(rules())} of {len(rules())} rules conform (exit code 0)." in said
    assert "Failures" not in said
    assert "The run observed no reading." in said
    assert "The run deleted all passports that it created." in said
    own = replace(quiet, capabilities=["P"])
    assert "The run created passports only in isolated workspaces." in Page(to_html(report_of(own, history()))).text()


@pytest.mark.parametrize("verdict", [Verdict.UNTESTED, Verdict.INCONCLUSIVE])
def test_the_head_of_the_page_is_not_green_where_something_is_open(verdict: Verdict) -> None:
    """Though the exit code is 0: the rule is no must-rule."""
    [lead] = [p for p in Page(to_html(sample(verdicts(budget__is_shared=verdict)))).all("p") if "lead" in str(p)]

    assert lead["class"] == "lead untested"


def test_the_data_of_a_call_are_those_of_the_call() -> None:
    hostile = replace(call(1, 200, MARKUP), path=f"/{MARKUP}")
    lost = call(4, None, lost=Lost.CONNECTION, detail="reset")

    request, answer = as_data(hostile).values()

    assert (request["first"], answer["first"], answer["body"]) == (f"POST /{MARKUP}", "200", MARKUP)
    assert answer["headers"] == [{"name": "Content-Type", "value": "application/json"}]
    assert as_data(lost)["answer"] == "no answer (connection: reset)"
    assert as_data(replace(lost, lost=None, detail=""))["answer"] == "no answer (unknown)"


@pytest.mark.parametrize(
    ("findings", "shown"), [(result().findings, {"1", "2", "3", "4", "5", "6"}), ([], {"1", "2", "3"})]
)
def test_the_page_has_the_data_of_each_call_once(findings: Sequence[Finding], shown: set[str]) -> None:
    report = report_of(replace(result(), findings=findings), history())
    page = Page(to_html(report))

    [content] = [text for name, text in page.texts if name == "script" and text.startswith("{")]

    assert {str(each["data-call"]) for each in page.all("div") if "data-call" in each} == shown
    assert json.loads(content) == {number: as_data(report.exchanges[int(number)]) for number in shown}


def test_a_call_can_be_read_without_a_script() -> None:
    lines = as_text(call(1, 200, "x" * 60_000, body=b"\xff\x1b")).splitlines()

    assert lines[:4] == [
        "POST /api/v1/passports/batch",
        "Content-Type: application/json",
        "Idempotency-Key: CONF-r1-1",
        "",
    ]
    assert lines[4:8] == ["\ufffd\\x1b", "", "200", "Content-Type: application/json"]
    assert lines[9:] == ["x" * BODY_CHARACTERS_WITHOUT_SCRIPT, "… 56,000 more characters are not shown"]
    assert as_text(call(7, 401, body=None)).endswith("\n\n401\nContent-Type: application/json")


def test_what_a_body_lacks_in_the_page_is_counted() -> None:
    answer = as_data(call(1, 200, "x" * 60_000))["answer"]

    assert (len(answer["body"]), answer["left_out"]) == (BODY_CHARACTERS_SHOWN, 10_000)


def test_result_is_not_changed_by_telling_it() -> None:
    assert result() == result()
    assert to_html(sample()) == to_html(sample())
