"""One picture and one sentence for every problem: `make gallery` writes this folder anew."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pypdfium2
from PIL import Image

from penwork.catalogue import default_folders, load
from penwork.compose.recipe import Item, Recipe
from penwork.compose.sheet import lay_out
from penwork.instance import make
from penwork.press.sheet import print_sheet

HERE = Path(__file__).parent
LEVEL, SEED = 2, 1
SCALE = 1.5
FOOT = 31 / 297  # of the page


def picture(pdf: Path) -> Image.Image:
    """The problem of a worksheet's first page: from its rule to the last line above the footer."""
    page = pypdfium2.PdfDocument(pdf)[0].render(scale=SCALE).to_pil().convert("L")
    page = page.crop((0, 0, page.width, round(page.height * (1 - FOOT))))
    dark = np.asarray(page) < 128
    rule = int(np.flatnonzero(dark.mean(axis=1) > 0.7)[-1])  # the strip above has one too
    left, _, right, bottom = Image.fromarray(~np.asarray(page)).getbbox() or (0, 0, *page.size)
    cut = page.crop((left - 8, rule - 4, right + 8, bottom + 8))
    return cut.quantize(8)


def main() -> None:
    catalogue = load(default_folders([]))
    lines = ["# Gallery", "", "Every problem at level 2, seed 1, as a worksheet prints it.", ""]
    with tempfile.TemporaryDirectory() as folder:
        for template in catalogue.select():
            instance = make(template, seed=SEED, level=LEVEL)
            item = Item(template.id, instance.draws, LEVEL, SEED, instance.attempt or 0)
            sheet = lay_out(Recipe(SEED, (item,), space="none"), [instance], "Worksheet")
            worksheet, _ = print_sheet(sheet, Path(folder))
            name = f"{template.id.replace('/', '.')}.png"
            picture(worksheet).save(HERE / name, optimize=True)
            lines += [f"## {template.problem.title}", "", template.problem.question, ""]
            lines += [f"![{template.problem.title}]({name})", ""]
    (HERE / "README.md").write_text("\n".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
