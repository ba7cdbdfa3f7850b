"""The papers of a batch made again from what the manifest claims, and held against the files."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from penwork.catalogue import Catalogue
from penwork.press.exams.batch import Batch, Printed, print_batch
from penwork.press.exams.files import attached, page_contents
from penwork.prove.verify.around import differing
from penwork.prove.verify.findings import Finding, Findings, differences
from penwork.prove.verify.shape import loads


@dataclass(frozen=True, slots=True)
class Claimed:
    """A batch to make again, with the manifest's records of its papers.

    `bytewise` says whether the same penwork and engine made it, so that bytes must agree.
    """

    batch: Batch
    records: tuple[Mapping[str, Any], ...]
    folder: str
    bytewise: bool


@dataclass(frozen=True, slots=True)
class Remade:
    """What the batch shows, and the problems as they are right, by form."""

    findings: Findings
    problems: Mapping[str, tuple[dict[str, Any], ...]]


def recheck(catalogue: Catalogue, claimed: Claimed) -> Remade:
    """Draw, solve, certify and print a batch again, and compare it with what lies there."""
    findings = Findings()
    outcome = print_batch(catalogue, claimed.batch)
    for failure in outcome.failures:
        shown = f" (see it with `{failure.replay}`)" if failure.replay else ""
        findings.faults.append(Finding(failure.form, "", f"{failure.why}{shown}"))
    remade = {printed.form: printed for printed in outcome.printed}
    problems = {}
    for record in claimed.records:
        printed = remade.get(record["form"])
        if printed is None:
            continue
        findings.add(_compared(record, printed, Path(claimed.folder), claimed.bytewise))
        problems[printed.form] = printed.problems
    return Remade(findings, problems)


def _compared(
    record: Mapping[str, Any], printed: Printed, folder: Path, bytewise: bool
) -> Findings:
    found = Findings(papers=1)
    form = printed.form
    key = json.loads(attached(printed.key) or b"{}")
    for problem in key["problems"]:
        found.count(problem)
    if bytewise and record["geometry"] != printed.geometry:
        what = "manifest, geometry"
        found.faults.append(Finding(form, "", what, record["geometry"], printed.geometry))
    found.faults += _of_problems(form, record["problems"], printed.problems)
    for name, content in (("papers", printed.paper), ("keys", printed.key)):
        found.faults += _of_file(folder, f"{name}/{form}.pdf", form, content, bytewise)
    return found


def _of_problems(
    form: str, claimed: Sequence[Mapping[str, Any]], right: Sequence[Mapping[str, Any]]
) -> Iterator[Finding]:
    if len(claimed) != len(right):
        yield Finding(form, "", "problems in the manifest", str(len(claimed)), str(len(right)))
        return
    for one, other in zip(claimed, right, strict=True):
        for path, said, true in differences(one, json.loads(json.dumps(other))):
            yield Finding(form, str(other["number"]), f"manifest, {path}", said, true)


def _of_file(folder: Path, name: str, form: str, right: bytes, bytewise: bool) -> Iterator[Finding]:
    try:
        there = (folder / name).read_bytes()
    except OSError:
        yield Finding(form, "", f"the file {name} is missing")
        return
    if there == right:
        return
    if not there:
        yield Finding(form, "", f"the file {name} is empty")
        return
    try:
        pages, expected = page_contents(there), page_contents(right)
        carried, due = attached(there), attached(right)
        around = list(differing(name, there, right))
    except Exception as error:  # whatever a damaged file makes a PDF reader say
        yield Finding(form, "", f"the file {name} cannot be read ({type(error).__name__})")
        return
    wrong = list(_of_pages(form, name, pages, expected))
    if carried != due:
        wrong += _of_attachment(form, name, carried, due)
    wrong += (Finding(form, "", what, said, true) for what, said, true in around)
    if not wrong and bytewise:
        wrong = [Finding(form, "", f"the file {name} has other bytes than it should")]
    yield from wrong


def _of_pages(
    form: str, name: str, there: Sequence[bytes], right: Sequence[bytes]
) -> Iterator[Finding]:
    if len(there) != len(right):
        yield Finding(form, "", f"pages of {name}", str(len(there)), str(len(right)))
        return
    for number, (one, other) in enumerate(zip(there, right, strict=True), 1):
        if one != other:
            yield Finding(form, "", f"page {number} of {name} is not what it should be")


def _of_attachment(
    form: str, name: str, there: bytes | None, right: bytes | None
) -> Iterator[Finding]:
    try:
        claimed = loads(there or b"null")
    except ValueError:
        claimed = None
    if not isinstance(claimed, dict) or right is None:
        yield Finding(form, "", f"what {name} carries cannot be read")
        return
    due = json.loads(right)
    for path, said, true in differences(claimed, due):
        yield Finding(form, "", f"attachment of {name}, {path}", said, true)
