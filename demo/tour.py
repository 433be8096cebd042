"""What each of the four people would look at, in the order in which they would."""

from __future__ import annotations

TOUR = """\
The tour. Start `python3 dev demo`; it prints an address for each node and one for the story.

The case officer of a national CERT (pages of the claimant)
  1. "Evidence": four logs, sealed. Open one, search in it, and see who has been shown which rows.
  2. The case, "Requests and clocks": what was asked, by whom, until when, on what basis, and what is owed.
  3. A finding: its rules, its rows, and who ran it again with what result.
  On the command line: comity seal, comity find, comity status.

The legal adviser of a ministry (either side's pages)
  1. The case, "Assertions": each sentence, who says it, what it rests on, and three separate facts for each
     support: who can see it, who ran it again, what it traces to. A claim and its denial look alike.
  2. A3: withdrawn, and still readable, with the reason. D1: contested, with reasons.
  3. "Notices": who was told of what before it was published, and what came back.

The duty officer of the party that is named (no account)
  1. notice-for-quay-hosting.txt, in the demo's folder: read it; it is plain text.
  2. comity notice show FILE: the signatures, receipts and words agree. Opening it recorded nothing.
  3. comity notice answer FILE: an answer under a key of one's own; it concedes nothing.

The journalist who trusts nobody
  1. comity verify A.comity B.comity --trust trust.txt, offline, with nothing but the bare package.
  2. In its report: "not checked", "not shown", and what each dossier left out that the other has.
  3. Change one byte of a dossier and verify it again.

Intact and reproduced is not the same as true."""
