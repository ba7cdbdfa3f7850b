"""The tag of a part in a statement."""

from __future__ import annotations

from jinja2 import nodes
from jinja2.ext import Extension
from jinja2.lexer import Token
from jinja2.parser import Parser

_TAGS = ("part", "endpart", "else", "elif", "endif", "endfor", "endmacro")
_ENDS = tuple(f"name:{tag}" for tag in _TAGS)


class PartTag(Extension):
    """<% part asks="weights" marks="M2 A2" when=level > 1 %> and its text.

    The text ends where the next part begins, or a block that has parts in it, where the branch
    ends in which the part stands, or at <% endpart %>.
    """

    tags = {"part"}  # noqa: RUF012 (Jinja's own declaration)

    def parse(self, parser: Parser) -> list[nodes.Node]:
        stream = parser.stream
        line = next(stream).lineno
        keywords = []
        while stream.current.type != "block_end":
            key = stream.expect("name").value
            stream.expect("assign")
            keywords.append(nodes.Keyword(key, parser.parse_expression()))
        if not {"asks", "marks"} <= {keyword.key for keyword in keywords}:
            parser.fail("a part says asks= and marks=", line)
        next(stream)
        body = parser.subparse(_ENDS)
        if not stream.skip_if("name:endpart"):
            _close(parser)
        own = next((i for i, node in enumerate(body) if _has_part(node)), len(body))
        call = nodes.Call(nodes.Name("record_part", "load"), [], keywords, None, None)
        return [nodes.CallBlock(call, [], [], body[:own]).set_lineno(line), *body[own:]]


def _has_part(node: nodes.Node) -> bool:
    return any(
        isinstance(block.call.node, nodes.Name) and block.call.node.name == "record_part"
        for block in node.find_all(nodes.CallBlock)
    )


def _close(parser: Parser) -> None:
    """End the part before the tag at hand, which is left to whoever it belongs to."""
    stream, found = parser.stream, parser.stream.current
    if found.type != "eof":
        stream.push(Token(found.lineno, "block_begin", "<%"))
    stream.push(found)
    stream.current = Token(found.lineno, "block_end", "%>")
