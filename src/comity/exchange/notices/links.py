"""A link under which a node shows a notice to its addressee: a random name, kept until it is revoked.

Following it writes nothing: no record, no note, no cookie. Whoever has the link can read the notice, as
whoever has the file can.
"""

from __future__ import annotations

import re

from comity.errors import Refused
from comity.exchange.node import Node
from comity.exchange.notices.forms import notice_data
from comity.exchange.ports import Write

PATH = "/notice/"
_NOTE = "notice-link/"
_NAME = re.compile("[0-9a-f]{32}")


def make_link(node: Node, case: str, notice: str) -> str:
    """The path of a notice's link; the same one until it is revoked. ``Refused`` as ``notice_data``."""
    notice_data(node, case, notice)
    with node.lock:
        name = _name_of(node, case, notice)
        if not name:
            name = node.effects.random(16).hex()
            node.journal.write(Write(notes={_NOTE + name: f"{case} {notice}".encode()}))
        return PATH + name


def link_of(node: Node, case: str, notice: str) -> str:
    """The path of the link that a notice has; "" where none was made, or it was revoked."""
    name = _name_of(node, case, notice)
    return PATH + name if name else ""


def revoke_link(node: Node, case: str, notice: str) -> None:
    """Let a notice's link lead nowhere; ``Refused`` (``link.unknown``) where there is none."""
    with node.lock:
        name = _name_of(node, case, notice)
        if not name:
            raise Refused("link.unknown", notice[:12], "this notice has no link")
        node.journal.write(Write(notes={_NOTE + name: b""}))


def follow_link(node: Node, name: str) -> tuple[bytes, str]:
    """The signed bytes of the notice behind a link, and the language that its giver wrote in; ``Refused``
    (``link.unknown``) where the link leads nowhere, now or ever."""
    said = node.journal.note(_NOTE + name) if _NAME.fullmatch(name) else None
    if not said:
        raise Refused("link.unknown", "notice", "this link leads to no notice, or was revoked")
    case, _, notice = said.decode().partition(" ")
    content = node.state(case).accepted[notice].content
    return notice_data(node, case, notice), str(getattr(content, "language", ""))


def _name_of(node: Node, case: str, notice: str) -> str:
    wanted = f"{case} {notice}".encode()
    found = (key for key, value in node.journal.notes(_NOTE).items() if value == wanted)
    return next(found, "").removeprefix(_NOTE)
