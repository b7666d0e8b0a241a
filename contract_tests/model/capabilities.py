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
    "S": "single_create in the deployment file",
    "L": "read_back in the deployment file",
    "K2": "second_key_env in the deployment file",
    "T2": "[second_workspace] in the deployment file",
    "W": "writes_left or the hook set_budget in the deployment file",
    "Q": "slots_left or the hook set_quota in the deployment file",
    "O": "overage_supported in the deployment file, and --allow-charges",
    "C": "--concurrency",
    "T": "the hook set_clock in the deployment file",
    "P": "a control plane",
}


def in_words(code: str) -> str:
    return WORDS.get(code, code)


def lacked(code: str) -> str:
    """What is missing, and how to provide it."""
    return f"{WORDS[code]} ({_GIVEN_BY[code]})" if code in WORDS else code
