"""The target of a run: a mock that the run starts, a deployment with a control plane, or a given workspace.

A target has capabilities (the codes of spec/rules.yaml). A rule that needs another one stays untested.
"""

from collections.abc import Iterator, Sequence, Set
from contextlib import contextmanager
from copy import copy
from dataclasses import replace
from enum import StrEnum

from ..client.api import Api, Batch
from ..client.known_passports import Pairs
from ..client.session import Credential, Session
from ..client.spend import Price, Purse
from ..model.capabilities import NO_THOROUGH, WORDS, lacked
from ..model.gateways import not_of_the_api
from ..model.history import History
from ..model.operations import Standing, is_ours, operations_of
from ..model.outcomes import BadDeployment, Unreachable, Untested
from ..model.verdicts import LeftOver
from .clean_up import CleanedUp, CleanUp
from .control_plane import ControlPlane, Json
from .deployment import Deployment, check_url
from .found import Found, look, not_looked_for, not_served
from .given_product import GivenProduct
from .given_workspace import GivenAccount
from .hooks import Hooks
from .own_workspace import OwnAccount
from .reaching import key_from_command, notes_on, renewed_key
from .settings import Settings
from .workspace import Account

_OF_OWN_WORKSPACES = frozenset({"K2", "T2", "W", "Q", "O", "C", "P"})
_OF_DOCUMENT = {"S": "POST /passports", "L": "GET /passports/{id}"}  # by what its openapi.json says
_NOT_AN_API = frozenset({404, 405, 426})  # for an empty batch
_TRIES = 3  # to reach the target at all, before any call that costs


class Kind(StrEnum):
    """What the suite may do with a target."""

    MOCK = "mock"
    PROVISIONED = "provisioned"
    LIVE = "live"


class Target:
    """An open target. `account` gives each test its workspace: an isolated one, or the given one."""

    def __init__(self, kind: Kind, session: Session, settings: Settings, capabilities: frozenset[str]) -> None:
        self.kind = kind
        self.session = session
        self.capabilities = capabilities
        self.absent = frozenset[str]()  # capabilities that the run looked for, and that are not there
        self._settings = settings
        self._control: ControlPlane | None = None
        self._live: GivenAccount | None = None

    @property
    def is_live(self) -> bool:
        return self.kind is Kind.LIVE

    @property
    def is_ours(self) -> bool:
        """Whether the run started it."""
        return self.kind is Kind.MOCK

    @property
    def provisions(self) -> bool:
        return self._control is not None

    @property
    def limits(self) -> Set[int]:
        """The statuses of limits that any call may reach: other clients or earlier runs used them up."""
        given = self._settings.deployment
        if not self.is_live or given is None:
            return frozenset()
        ends = {429: not given.unlimited_writes, 402: not given.unlimited_slots}
        return {status for status, may_end in ends.items() if may_end}

    def with_own_history(self) -> "Target":
        """The same target with a history of its own (`Session.with_own_history`)."""
        other = copy(self)
        other.session = self.session.with_own_history()
        return other

    def missing(self, needs: Sequence[str]) -> str:
        """The needs that the target lacks, in words; empty where it has all."""
        lacking = [need for need in needs if need not in self.capabilities]
        return "; ".join(f"{need}: {lacked(need)}" for need in lacking)

    def not_applicable(self, needs: Sequence[str]) -> str:
        """Why a check with these needs is not about the target; empty where it is."""
        given = self._settings.deployment
        never = given.never_has if self.is_live and given is not None else {}
        return next((never[need] for need in needs if need in never), "")

    def account(self) -> Account:
        if self._control is not None:
            return OwnAccount(self.session, self._control)
        assert self._live is not None
        return self._live

    def refill(self, price: Price) -> None:
        """Let the hooks of the given workspace set what earlier tests have used up of its limits."""
        if self._live is not None:
            self._live.refill(price)

    def check_room(self, price: Price, *, is_last: bool) -> None:
        """Raise `Untested` where the given workspace has no room for a test. The last tests leave no room."""
        if self._live is not None:
            self._live.check_room(price, is_last=is_last)

    def check_deletions(self, price: Price) -> None:
        """Raise `Untested` where a test would take writes of the given workspace that are kept for deletions."""
        if self._live is not None:
            self._live.limits.check_deletions(price)

    def check_for_thorough(self) -> None:
        """Raise `Untested` where limits are declared: refused calls make it uncertain how much of them is left."""
        given = self._settings.deployment
        if self._live is not None and given is not None and given.declares_limits:
            raise Untested(NO_THOROUGH)

    def with_control_plane(self, control: ControlPlane) -> "Target":
        self._control = control
        return self

    def in_given_workspace(self, account: GivenAccount, absent: frozenset[str]) -> "Target":
        self._live, self.absent = account, absent
        return self

    @property
    def _workspaces(self) -> Sequence[GivenAccount]:
        """The given workspaces."""
        return self._live.workspaces if self._live is not None else ()

    def trouble_of_given_product(self) -> str:
        """Why no passport can be created with the given product and GTIN; empty where that is not known."""
        return next(filter(None, (GivenProduct(each).trouble() for each in self._workspaces)), "")

    def clean_up(self) -> CleanedUp:
        """Delete the passports of the run where that is allowed."""
        if self._settings.keep_drafts:
            return self.not_cleaned_up("--keep-drafts")
        done = [self._cleaned_up(each) for each in self._workspaces]
        left = tuple(left for each in done for left in each.left)
        return CleanedUp(sum(each.deleted for each in done), left, any(each.is_interrupted for each in done))

    def look(self) -> Found:
        """What the deployment serves. Creates, changes and deletes nothing."""
        assert self._live is not None
        return look(self._live.api)

    def take_over(self, history: History) -> None:
        """Learn what an earlier run left in the given workspaces, so that the clean-up deletes it."""
        assert self._live is not None
        self.session.run = history.run
        self.session.events[:0] = history.events
        if self._settings.deployment is not None and self._settings.deployment.second_workspace is not None:
            self._live.another_workspace()
        for each in self._workspaces:
            each.api.recall(history)

    def not_cleaned_up(self, why: str) -> CleanedUp:
        """All passports of the run that are there."""
        return CleanedUp(left=tuple(LeftOver(id_, why) for each in self._workspaces for id_ in each.api.pairs.ids))

    def _cleaned_up(self, account: GivenAccount) -> CleanedUp:
        api = account.api
        account.refill_for(len(api.pairs.ids))
        done = CleanUp(api, self._reader(api), self.session.run).delete_all()
        return replace(done, deleted=account.deleted + done.deleted)

    def _reader(self, api: Api) -> Api:
        """Operations that find passports. Where the run has no reads, nobody judges how the deployment answers them."""
        return api if "L" in self.capabilities else Api(self.session.with_own_history(), api.credential, api.pairs)


@contextmanager
def opened(settings: Settings) -> Iterator[Target]:
    """The target of a run, reached and ready. Raises `Unreachable` or `BadDeployment`."""
    if settings.deployment is None:
        with settings.start_mock(settings.mock_options, settings.mock_log) as base_url:
            yield from _of_url(base_url, settings, Kind.MOCK)
    else:
        yield from _of_url(settings.deployment.base_url, settings, Kind.PROVISIONED)


def _of_url(base_url: str, settings: Settings, kind: Kind) -> Iterator[Target]:
    check_url(base_url)
    base_url = base_url.rstrip("/").removesuffix("/api/v1")
    control = ControlPlane(base_url, settings.control_token, settings.access)
    try:
        health = control.health() if settings.control_plane else None
        if kind is Kind.MOCK and health is None and settings.control_plane:
            raise Unreachable("the mock that the run started does not answer its control plane: GET /_mock/health")
        provisions = health is not None and "workspaces" in health["capabilities"]
        if provisions:
            control.check_token()
        session = Session(
            base_url,
            Purse() if provisions else _purse(settings),
            call_seconds=settings.call_seconds,
            time_limit_seconds=settings.time_limit_seconds,
            is_provisioned=provisions,
            access=settings.access,
        )
        session.pace = control.pace
        session.notes += notes_on(settings.access)
        try:
            if provisions and health is not None:
                session.notes += _notes_on_unused(settings, kind)
                session.standings |= _standings_in(control.document())
                yield Target(kind, session, settings, _capabilities_of(session, health)).with_control_plane(control)
            else:
                session.keep_for_clean_up(settings.seconds_to_clean_up)
                session.notes += [f"{control.trouble}."] if control.trouble else []
                yield _live_or_why_not(session, settings, control.trouble)
        finally:
            session.close()
    finally:
        control.close()


def _notes_on_unused(settings: Settings, kind: Kind) -> Sequence[str]:
    if not (given := settings.protective_options):
        return ()
    hint = "" if kind is Kind.MOCK else " Use --no-control-plane to run in the workspace of the API key."
    return (f"ignored: {', '.join(given)}. The control plane gives the run isolated workspaces.{hint}",)


def _purse(settings: Settings) -> Purse:
    budget = settings.deployment.writes_left if settings.deployment is not None else None
    is_ceiling = budget is not None and budget <= settings.max_writes
    return Purse(settings.ceilings, budget_is_ceiling=is_ceiling, cleans_up=settings.cleans_up)


def _capabilities_of(session: Session, health: Json) -> frozenset[str]:
    clock = {"T"} if "clock" in health["capabilities"] else set()
    return _OF_OWN_WORKSPACES | clock | {code for code, named in _OF_DOCUMENT.items() if named in session.standings}


def _standings_in(document: Json) -> dict[str, Standing]:
    return dict.fromkeys(operations_of(document), Standing.OURS if is_ours(document) else Standing.SERVED)


def _live_or_why_not(session: Session, settings: Settings, trouble: str) -> Target:
    """The given workspace. Where it can't be used, the error also says why the control plane gave none."""
    try:
        return _live(session, settings)
    except BadDeployment as error:
        raise (
            BadDeployment(f"{error}\n{trouble}, so the run needs a workspace of yours") if trouble else error
        ) from None


def _live(session: Session, settings: Settings) -> Target:
    deployment = settings.deployment or Deployment()
    key = key_from_command(deployment) if deployment.api_key_command else deployment.key(deployment.api_key_env)
    for variable in deployment.variables:
        if variable != deployment.api_key_env:  # which is not used beside a command
            deployment.key(variable)  # raises before anything is sent
    for secret in (key, *deployment.known_keys()):
        session.keep_secret(secret)
    if deployment.api_key_command:
        session.renew_with("main-key-1", lambda: renewed_key(deployment))
    api = Api(session, Credential("main-key-1", "main", key), Pairs(), deployment.overage_price_cents)
    Hooks(deployment).try_all(session.now("main"))
    _reach(api)
    if deployment.product_id is None or deployment.gtin is None:
        raise BadDeployment("no product or GTIN of the workspace: use --product-id and --gtin")
    absent = not_served(api, deployment)
    capabilities = declared_capabilities(settings) - absent - not_looked_for(api, deployment)
    account = GivenAccount(session, deployment, "main", api, (deployment.product_id, deployment.gtin))
    return Target(Kind.LIVE, session, settings, capabilities).in_given_workspace(account, absent)


def declared_capabilities(settings: Settings) -> frozenset[str]:
    """The capabilities that the deployment file and the options declare or leave to the run to find out; all of them
    for a mock that is started.
    """
    deployment = settings.deployment
    if deployment is None:
        return frozenset(WORDS)
    has = {
        "S": deployment.may_create_singly,
        "L": deployment.read_back is not False,
        "K2": deployment.second_key_env is not None,
        "T2": deployment.second_workspace is not None,
        "W": deployment.writes_left is not None or bool(deployment.hooks.set_budget),
        "Q": deployment.slots_left is not None or bool(deployment.hooks.set_quota),
        "O": bool(deployment.overage_supported) and settings.allow_charges,
        "C": settings.concurrency,
        "T": bool(deployment.hooks.set_clock),
    }
    return frozenset(code for code, there in has.items() if there)


def _reach(api: Api) -> None:
    """Send an empty batch, to see that the API answers and accepts the key. It must be refused."""
    if message := api.session.purse.refusal(Price(1)):
        raise BadDeployment(f"even a refused call may take one write: {message}")
    replies = []
    for _ in range(_TRIES):
        replies.append(reply := api.send(Batch(), "is the API there?"))
        is_answered = reply.exchange.lost is None and not not_of_the_api(reply.exchange)
        if is_answered or api.session.seconds_left <= 0:
            break
    reply = next((each for each in reversed(replies) if each.exchange.lost is None), reply)
    if reply.exchange.lost is not None:
        raise Unreachable(f"{api.session.base_url} does not answer: {reply.exchange.detail or reply.exchange.lost}")
    if reply.status in {401, 403} and not not_of_the_api(reply.exchange):
        raise BadDeployment(f"the deployment refused the API key ({reply.described})")
    if not (reply.is_result or reply.is_refusal) or not reply.members or reply.status in _NOT_AN_API:
        where = reply.exchange.answer_headers.get("location") or reply.exchange.answer_headers.get("content-type")
        flaw = reply.exchange.flaw_of_encoding if reply.json is None else ""
        message = f"an empty batch got {reply.status} ({where or 'no content type'})" + (flaw and f", with {flaw}")
        raise Unreachable(f"{api.session.base_url} is not the API: {message}")
