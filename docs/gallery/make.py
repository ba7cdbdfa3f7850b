"""One picture and one sentence for every problem, and the README's pages: `make gallery`."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pypdfium2
from PIL import Image

from penwork.catalogue import default_folders, load
from penwork.compose.recipe import Item, Recipe, Space
from penwork.compose.sheet import lay_out
from penwork.instance import make
from penwork.model import Instance
from penwork.press.sheet import print_sheet

HERE = Path(__file__).parent
LEVEL, SEED = 2, 1
SCALE = 1.5
FOOT = 31 / 297  # of the page
PAGES = (
    "forward_backward/gradient_descent",
    "forward_backward/mlp_forward",
    "attention_mechanics/softmax_scale",
)


def picture(pdf: Path) -> Image.Image:
    """The problem of a worksheet's first page: from its rule to the last line above the footer."""
    page = pypdfium2.PdfDocument(pdf)[0].render(scale=SCALE).to_pil().convert("L")
    page = page.crop((0, 0, page.width, round(page.height * (1 - FOOT))))
    dark = np.asarray(page) < 128
    rule = int(np.flatnonzero(dark.mean(axis=1) > 0.7)[-1])  # the strip above has one too
    left, _, right, bottom = Image.fromarray(~np.asarray(page)).getbbox() or (0, 0, *page.size)
    cut = page.crop((left - 8, rule - 4, right + 8, bottom + 8))
    return cut.quantize(8)


def printed(instances: Sequence[Instance], seed: int, space: Space, folder: str) -> list[Path]:
    """A worksheet of these instances, and its key."""
    items = (Item(i.id, i.draws, i.level, seed, i.attempt or 0) for i in instances)
    recipe = Recipe(seed, tuple(items), space=space)
    return print_sheet(lay_out(recipe, instances, "Worksheet"), Path(folder))


def side_by_side(files: Sequence[Path]) -> Image.Image:
    """The first pages of both files on a grey ground."""
    sheets = [pypdfium2.PdfDocument(f)[0].render(scale=1.25).to_pil().convert("L") for f in files]
    wide, high = sheets[0].size
    ground = Image.new("L", (2 * wide + 36, high + 24), 208)
    for number, sheet in enumerate(sheets):
        ground.paste(sheet, (12 + number * (wide + 12), 12))
    return ground.quantize(24)


def main() -> None:
    catalogue = load(default_folders([]))
    lines = ["# Gallery", "", "Every problem at level 2, seed 1, as a worksheet prints it.", ""]
    with tempfile.TemporaryDirectory() as folder:
        for template in catalogue.select():
            worksheet, _ = printed(
                [make(template, seed=SEED, level=LEVEL)], SEED, "none", folder
            )
            name = f"{template.id.replace('/', '.')}.png"
            picture(worksheet).save(HERE / name, optimize=True)
            lines += [f"## {template.problem.title}", "", template.problem.question, ""]
            lines += [f"![{template.problem.title}]({name})", ""]
        instances = [make(catalogue.get(name), seed=7, level=1) for name in PAGES]
        both = side_by_side(printed(instances, 7, "compact", folder))
        both.save(HERE.parent / "pages.png", optimize=True)
    (HERE / "README.md").write_text("\n".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
