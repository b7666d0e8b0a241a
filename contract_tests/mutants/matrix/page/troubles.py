"""The problems on the page, each cause once."""

from collections import Counter

from .markdown import (
    Data,
    counted,
    first_line,
    profile_in_short,
    section,
    table,
)


def survivors(data: Data) -> str:
    lost = [row for row in data["matrix"] if any(text in row["outcome"] for text in ("survived", "another rule"))]
    lines = [
        f"- **{row['fault']}** under `{row['profile']}`: {row['outcome']}. {row['what']}{_named(row['other_rules'])}"
        for row in lost
    ]
    return section("Not killed", "\n".join(lines)) if lines else ""


def _named(rules: list[str]) -> str:
    if not rules:
        return ""
    more = f" and {len(rules) - 2} more" if len(rules) > 2 else ""
    return f" Reported instead: {', '.join(rules[:2])}{more}."


def broken(data: Data) -> str:
    """Runs that prove nothing."""
    lines = [
        f"- **{each['fault'] or 'no fault'}** under {profile_in_short(each['profile'])}: {first_line(each['because'])}"
        for each in data["broken"]
    ]
    text = "These servers failed by a mistake of their own, or did not start. Findings against them do not count."
    return section("Broken servers", text, "\n".join(lines)) if lines else ""


def alarms(data: Data) -> str:
    """Grouped by the first finding of each run: the others mostly follow from it."""
    found = data["variants"]["alarms"]
    if not found:
        return ""
    causes = Counter(map(_cause, found))
    rows = [
        (runs, cause, min((profile_in_short(each["profile"]) for each in found if _cause(each) == cause), key=len))
        for cause, runs in causes.most_common()
    ]
    return section("False alarms", table(("runs", "first finding", "one of its profiles"), rows))


def _cause(alarm: Data) -> str:
    first = next(((rule, text) for rule, text in alarm["found"].items()), None)
    if first is not None:
        return f"{first[0]}: {first_line(first[1])}"
    return first_line(next(iter(alarm["crashes"]), "no reason is given"))


def masked(data: Data) -> str:
    found = data["masked"]
    if not found["runs"]:
        return ""
    killed = found["runs"] - len(found["survived"])
    text = (
        "Each fault again, together with random readings and conforming variants:\n"
        f"{killed} of {counted(found['runs'], 'run')} killed it."
    )
    lost = Counter(each["fault"] for each in found["survived"])
    lines = [f"- **{fault}** was not killed in {counted(runs, 'run')}." for fault, runs in lost.items()]
    lines += [f"- **{each['fault']}** was not tried: {each['because']}." for each in found["skipped"]]
    return section("Behind conforming variants", text, *(["\n".join(lines)] if lines else []))
