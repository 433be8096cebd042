"""Which later kinds follow another record, and in which field they name it.

What follows a record reaches at least whomever that record reaches (``spec/07-facts.md`` §6).
"""

from __future__ import annotations

from comity.records.kinds_of_actions import Accept, Action, ReportAction
from comity.records.kinds_of_consultation import Consultation, Dispose, Suggest, TakePosition
from comity.records.kinds_of_procedure import (
    Amend,
    Extend,
    Procedure,
    WithdrawEndorsement,
    WithdrawRequest,
)
from comity.records.kinds_of_statements import Correct, Join, Statement

FOLLOWING: dict[type[Procedure | Statement | Action | Consultation], str] = {
    Amend: "target",
    Extend: "request",
    WithdrawRequest: "request",
    WithdrawEndorsement: "endorsement",
    Join: "statement",
    Correct: "statement",
    Accept: "action",
    ReportAction: "action",
    Suggest: "initiative",
    TakePosition: "suggestion",
    Dispose: "suggestion",
}
