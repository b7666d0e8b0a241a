"""The keys of a deployment file and what each says: the table that the code checks names with, and the docs show."""

from collections.abc import Mapping

PLACEHOLDERS: Mapping[str, str] = {
    "writes_left": "how many writes of today are to be left; empty where that is not known",
    "slots_left": "how many passports are still to fit into the quota; empty where that is not known",
    "now": "the time that is to be set, or the time of the call, as ISO 8601",
    "workspace": "the key `workspace` of the file",
    "api_key_env": "the name of the variable that holds the API key of the workspace",
}
OWN_PLACEHOLDER: Mapping[str, str] = {"set_budget": "writes_left", "set_quota": "slots_left", "set_clock": "now"}
KEYS: Mapping[str, str] = {
    "base_url": "URL of the deployment",
    "api_key_env": "variable with the API key; `TRACEPASS_CHECK_API_KEY` by default",
    "api_key_command": "program that prints the API key, for keys that expire; a list of arguments",
    "product_id": "product of the workspace",
    "gtin": "GTIN of the workspace",
    "workspace": "name or id of the workspace, for hooks",
    "plan": "plan of the workspace; the free plan refuses deletions",
    "writes_per_day": "write budget of a whole day",
    "writes_left": "writes that are left of today's budget when the run starts",
    "unlimited_writes": "true: the workspace has no write budget",
    "slots_left": "passports that still fit into the quota when the run starts",
    "unlimited_slots": "true: the workspace has no passport quota",
    "overage_supported": "whether the plan sells passports beyond its quota",
    "overage_price_cents": "price of one such passport, in cents",
    "exclusive": "false: others use the workspace during the run, and no budget or quota is tested; true by default",
    "single_create": "true: the server has `POST /passports`",
    "read_back": "true: the server has `GET /passports/{id}`, and perhaps the other calls",
    "second_key_env": "variable with a second API key of the same workspace",
    "second_workspace.api_key_env": "another workspace, to test that the two are separate: variable with its API key",
    "second_workspace.product_id": "product of the other workspace",
    "second_workspace.gtin": "GTIN of the other workspace",
    "hooks.set_budget": "program that sets how many writes are left in the workspace; a list of arguments",
    "hooks.set_quota": "program that sets how many passports still fit into the quota of the workspace",
    "hooks.set_clock": "program that sets the server's time, for all workspaces",
    "headers": 'headers to send with each call; a value is a text, or `{ env = "VARIABLE" }`',
    "ca_file": "certificates (PEM) to trust in addition to those of the usual authorities",
    "insecure": "true: accept any certificate; each report says so",
    "client_cert": "certificate to present, with its key (PEM)",
    "client_key": "its key, where it is in another file (PEM, without a password)",
    "requests_per_second": "most calls per second",
}


def names_in(section: str) -> list[str]:
    """The names of the keys of a section such as `hooks.`; of the file itself for an empty one, sections included."""
    found = [key.removeprefix(section).partition(".")[0] for key in KEYS if key.startswith(section)]
    return list(dict.fromkeys(found))


def as_markdown() -> str:
    """The tables of keys and of placeholders, for the docs."""
    keys = [f"| `{key}` | {says} |" for key, says in KEYS.items()]
    placeholders = [f"| `{{{name}}}` | {says} |" for name, says in PLACEHOLDERS.items()]
    head, of_hooks = (
        ("| key | meaning |", "|---|---|"),
        ("| in the arguments of a hook | is replaced by |", "|---|---|"),
    )
    return "\n".join([*head, *keys, "", *of_hooks, *placeholders])
