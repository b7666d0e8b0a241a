"""What a check may need in addition to the batch endpoint, one API key and one product, by code of spec/rules.yaml."""

WORDS = {
    "S": "a call that creates a single passport",
    "L": "a call that reads a passport back",
    "K2": "a second API key of the workspace",
    "T2": "a second workspace, with a key of its own",
    "W": "a known write budget",
    "Q": "a known passport quota",
    "O": "a plan that sells overage, and permission to buy it",
    "C": "calls in parallel",
    "T": "a clock that can be moved forward",
    "P": "an isolated workspace for changes that can't be undone",
}
_GIVEN_BY = {
    "S": "POST /passports; a run looks for it, or single_create in the deployment file says so",
    "L": "GET /passports; a run looks for it",
    "K2": "second_key_env in the deployment file",
    "T2": "[second_workspace] in the deployment file",
    "W": "writes_left or the hook set_budget in the deployment file",
    "Q": "slots_left or the hook set_quota in the deployment file",
    "O": "overage_supported in the deployment file, and --allow-charges",
    "C": "--concurrency",
    "T": "the hook set_clock in the deployment file",
    "P": "a control plane",
}
LAST_WRITES = (
    "more of today's writes (the run keeps the last ones to delete what it creates; --keep-drafts spends them)"
)
MORE_SLOTS = "more free passports than are left"
PLAN = "plan in the deployment file"
NO_THOROUGH = "a deployment file that declares no limit"
ADDED_BY = {  # the option, or the lines of the deployment file; empty for what no line can give
    "S": "single_create = true",
    "L": "",
    "K2": 'second_key_env = "NAME_OF_A_VARIABLE"',
    "T2": '[second_workspace]\napi_key_env = "NAME_OF_A_VARIABLE"\nproduct_id = "…"\ngtin = "…"',
    "W": "writes_left = …",
    "Q": "slots_left = …",
    "O": "overage_supported = true\noverage_price_cents = …",
    "C": "--concurrency",
    "T": '[hooks]\nset_clock = ["./set-clock", "{now}"]',
    "P": "",
    PLAN: 'plan = "…"',
    LAST_WRITES: '[hooks]\nset_budget = ["./set-budget", "{writes_left}"]',
    MORE_SLOTS: '[hooks]\nset_quota = ["./set-quota", "{slots_left}"]',
}


def in_words(code: str) -> str:
    return WORDS.get(code, code)


def lacked(code: str) -> str:
    """What is missing, and how to provide it."""
    return f"{WORDS[code]} ({_GIVEN_BY[code]})" if code in WORDS else code
