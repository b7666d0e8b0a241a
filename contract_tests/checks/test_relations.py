"""Relations between batches that hold for any answer: order, grouping and names do not change results.

The items exist or are new, so the expected result of each is known.
"""

from collections.abc import Callable, Sequence

import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from tracepass_contract.contract_tests.checks import expect
from tracepass_contract.contract_tests.client.reply import Reply
from tracepass_contract.contract_tests.client.single_calls import Item
from tracepass_contract.contract_tests.model.outcomes import Inconclusive, Untested
from tracepass_contract.contract_tests.run.run import Run
from tracepass_contract.contract_tests.target.target import Target
from tracepass_contract.contract_tests.target.workspace import Account

pytestmark = pytest.mark.rule("items.fail-independently", adds=True)

Kinds = Sequence[bool]  # of each item: whether it exists already
some_kinds = st.lists(st.booleans(), min_size=1, max_size=6)
EXAMPLES = 12


def items_of(account: Account, kinds: Kinds, serials: Sequence[str] | None = None) -> list[Item]:
    """Items of these kinds, all different. The new ones have these serial numbers, if given."""
    known = iter(account.known(sum(kinds)))
    names = iter(serials or [account.session.serial() for _ in kinds])
    return [next(known) if exists else account.passport(next(names)) for exists in kinds]


def play(target: Target, run: Run, relation: Callable[[Account, Kinds, st.DataObject], None]) -> None:
    """Try a relation with items of many kinds, each time in a workspace of its own. A lost answer ends one try; the
    other tries count.
    """
    if not target.provisions:
        raise Untested("P: a control plane that makes workspaces")

    unsure: list[Inconclusive] = []

    @seed(run.seed)
    @settings(max_examples=EXAMPLES, database=None, deadline=None, suppress_health_check=list(HealthCheck))
    @given(some_kinds, st.data())
    def tried(kinds: Kinds, data: st.DataObject) -> None:
        try:
            relation(target.account(), kinds, data)
        except Inconclusive as error:
            unsure.append(error)

    tried()
    if unsure:
        raise unsure[0]


def sent(account: Account, items: Sequence[Item]) -> Reply:
    return expect.executed(account.api.create_batch(items))


def test_permuted_items_have_permuted_outcomes(target: Target, run: Run) -> None:
    """The same kinds of items in another order get the same results in that order."""

    def relation(account: Account, kinds: Kinds, data: st.DataObject) -> None:
        order = data.draw(st.permutations(range(len(kinds))))

        straight = sent(account, items_of(account, kinds))
        permuted = sent(account, items_of(account, [kinds[index] for index in order]))

        wanted = [straight.entry(index).get("status") for index in order]
        found = [permuted.entry(index).get("status") for index in range(len(order))]
        expect.same("the outcomes, permuted as the items", found, wanted, straight, permuted)

    play(target, run, relation)


def test_two_batches_come_to_what_one_of_both_comes_to(target: Target, run: Run) -> None:
    """Items in two batches get the same results as the same kinds in one batch."""

    def relation(account: Account, kinds: Kinds, data: st.DataObject) -> None:
        cut = data.draw(st.integers(0, len(kinds)))

        merged = sent(account, items_of(account, kinds))
        halves = [sent(account, items_of(account, half)) for half in (kinds[:cut], kinds[cut:]) if half]

        found = [outcome for half in halves for outcome in half.outcomes]
        expect.same("the outcomes of the merged batch", found, merged.outcomes, merged, *halves)

    play(target, run, relation)


def test_a_failing_item_changes_no_other(target: Target, run: Run) -> None:
    """One more item that exists does not change the results of the other items."""

    def relation(account: Account, kinds: Kinds, data: st.DataObject) -> None:
        index = data.draw(st.integers(0, len(kinds)))

        without = sent(account, items_of(account, kinds))
        between = sent(account, items_of(account, [*kinds[:index], True, *kinds[index:]]))

        others = [each for each in range(len(kinds) + 1) if each != index]
        found = [between.entry(each).get("status") for each in others]
        wanted = [without.entry(each).get("status") for each in range(len(kinds))]
        expect.same("the outcomes of the others", found, wanted, without, between)

    play(target, run, relation)


def test_names_change_nothing(target: Target, run: Run) -> None:
    """Other serial numbers of the same length and alphabet get the same results."""

    def relation(account: Account, kinds: Kinds, data: st.DataObject) -> None:
        letters = data.draw(st.lists(st.sampled_from("ABCXYZ789"), min_size=len(kinds), max_size=len(kinds)))

        renamed_as = [f"CONF-{account.session.run}-{each}{nth:05}" for nth, each in enumerate(letters)]

        plain = sent(account, items_of(account, kinds))
        renamed = sent(account, items_of(account, kinds, renamed_as))

        expect.same("the outcomes under other names", renamed.outcomes, plain.outcomes, plain, renamed)

    play(target, run, relation)
