"""What a check may need beside the batch endpoint, one key and one product: the codes of spec/rules.yaml, in words."""

WORDS = {
    "S": "a call that creates a single passport",
    "L": "a call that reads a passport back",
    "K2": "a second API key of the workspace",
    "T2": "a second workspace, with a key of its own",
    "W": "a known write budget",
    "Q": "a known passport quota",
    "O": "a plan that offers overage, and leave to charge it",
    "C": "leave to send calls in parallel",
    "T": "a clock that can be set forward",
    "P": "a deployment that can be provisioned, for what can't be taken back",
}
_GIVEN_BY = {
    "S": "single_create in the deployment file",
    "L": "read_back in the deployment file",
    "K2": "second_key_env in the deployment file",
    "T2": "[second_workspace] in the deployment file",
    "W": "writes_left in the deployment file, or its hook set_budget",
    "Q": "slots_left in the deployment file",
    "O": "overage_supported in the deployment file, and --allow-charges",
    "C": "--concurrency",
    "T": "the hook set_clock in the deployment file",
    "P": "a control plane",
}


def in_words(code: str) -> str:
    return WORDS.get(code, code)


def lacked(code: str) -> str:
    """What is not there, and how it is given."""
    return f"{WORDS[code]} ({_GIVEN_BY[code]})" if code in WORDS else code
