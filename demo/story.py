"""The story, act by act. Every act is a verb of the exchange on one party's node; nothing is staged but the
evidence. What is narrated of a fact (matched, received, differs) is read from a node's state, not assumed.
"""

from __future__ import annotations

from pathlib import Path

from comity.case.clocks import clocks, notices
from comity.evidence.seal import Declared, SealedItem, seal_stream
from comity.exchange import acts, findings, guests, handing_over, publishing, stamping
from comity.exchange.node import Node
from comity.exchange.notices import forms
from comity.findings.finding import Parameters
from comity.records import kinds
from comity.records.kinds import Position, Support
from comity.weighing.shown import show
from demo.cast import POSITIONS, WITHDRAWAL, Role, sentence, speak
from demo.teller import CLAIMED, DENIED, SINCE, STANCE, UNTIL, Teller, Told, count, differs
from demo.weighing import weigh_story

ORDER_BOOK = (
    "order,customer,address,from,until\n"
    "88213,4398,203.0.113.71,2026-09-11T10:02:00Z,2026-09-25T10:02:00Z\n"
    "88240,4471,203.0.113.77,2026-10-01T08:12:00Z,2026-10-06T08:12:00Z\n"
    "88251,4402,203.0.113.90,2026-10-02T17:40:00Z,2026-10-09T17:40:00Z\n"
)
"""The fourth party's own record of who leased what; times in UTC."""


class Story(Teller):
    """Tells one case from sealing to publication."""

    def tell(self) -> Told:
        """Everything up to publication."""
        self.open()
        self.seal()
        self.find()
        self.claim()
        self.notify()
        self.ask_and_disclose()
        self.run_again()
        self.respond()
        self.check_the_denial()
        self.withdraw()
        self.fourth_answers()
        self.endorse()
        self.publish()
        return self.told

    def open(self) -> None:
        self.feed.chapter("1. A case is opened, and evidence is sealed")
        a = self.node("claimant")
        witnesses = tuple(kinds.Witness(vkey=s.node.party.card.witness, party=s.id) for s in self.stage)
        if self.stage.witness is not None:
            witnesses += (self.stage.witness.named,)
        policy = kinds.Policy(quorum=2, witnesses=witnesses, authorities=self.authorities(a))
        self.told.case = acts.open_case(a, "2026-10-05", policy, "Mail system of the parliament")
        title = acts.neutral_title(a.state(self.case))
        self.say(
            "claimant",
            f"opens a case. Its name is neutral, {title}; what each party calls it is that party's own. The "
            "time policy: two others make an instant proven, of the parties' witnesses, a neutral one"
            f"{' and a timestamp authority' if policy.authorities else ''}; the author's own never counts.",
        )
        if not policy.authorities:
            self.aside("This machine has no openssl, so there is no timestamp authority in this telling.")
        # From here on everything cites an attestation, however busy the machine is.
        self.stage.attested("claimant", self.case)

    def authorities(self, opener: Node) -> tuple[kinds.Authority, ...]:
        """The stage's timestamp authority as a case names it; the opener keeps its certificate."""
        if self.stage.authority is None:
            return ()
        certificate = stamping.keep_certificate(opener, self.stage.authority.root)
        return (kinds.Authority(certificate=certificate, name="Authority of this demo"),)

    def seal(self) -> None:
        for file in self.manifest.held_by("claimant"):
            self.seal_file("claimant", file)
        total = sum(f.rows for f in self.manifest.held_by("claimant"))
        self.say(
            "claimant",
            f"has sealed {total:,} rows of four logs, each row under a salt of its own. Nobody sees a row; from "
            "now on none can be changed, added or back-dated without it showing.",
        )

    def find(self) -> None:
        self.feed.chapter("2. Findings: rules that anyone who holds the rows can run again")
        for rule, path in (
            ("password_spray.yml", "claimant/mail-proxy.csv"),
            ("web_shell_process.yml", "claimant/sysmon.jsonl"),
            ("web_shell_requests.yml", "claimant/iis-u_ex261003.log"),
            ("maintenance_host_logon.yml", "claimant/mail-proxy.csv"),
            ("maintenance_build_path.yml", "claimant/sysmon.jsonl"),
        ):
            self.report("claimant", rule, path)
        self.report("claimant", "mailbox_export.yml", "claimant/mailbox-audit.csv", SINCE, UNTIL)

    def claim(self) -> None:
        self.feed.chapter("3. A claim, each sentence with what it rests on")
        a = self.node("claimant")
        others: tuple[Role, ...] = ("respondent", "third")
        for role in others:
            acts.invite(a, self.case, self.seat(role).id)
        stated = [self.assertion(s.key, self.supports(s.rules)) for s in CLAIMED]
        record = acts.state_claim(a, self.case, "Intrusion into the mail system of the parliament", stated)
        self.keep("claim", record.value.id)
        for said, one in zip(CLAIMED, stated, strict=True):
            rests = count(len(one.supports), "support")
            self.say("claimant", f"claims {said.key} ({one.level}, {rests}): {one.text}", record.value.id)
        self.aside(
            "A3 rests on six logons and four command lines. They are sealed and unchanged, and the rules that "
            "match them will match them for anyone. Keep them in mind."
        )

    def notify(self) -> None:
        self.feed.chapter("4. Notice before publication")
        a, b = self.node("claimant"), self.node("respondent")
        numbers = [n for n, s in enumerate(CLAIMED) if "respondent" in self.about(s.key)]
        text = speak(
            "{claimant_office} is about to publish the assertions below, which name {respondent}. You may "
            "ask for evidence, answer each of them, and contest it. Your answer will stand in the dossier as you write it.",
            self.stage.cast,
        )
        record = acts.give_notice(
            a, self.case, self.told.records["claim"], numbers, self.named("respondent"), text
        )
        self.keep("notice", record.value.id)
        self.say(
            "claimant", "gives notice to {respondent_office}. Nothing is published yet.", record.value.id
        )
        self.stage.send("claimant")
        self.stage.arrived(self.case, record.value.id, "respondent")

        def received() -> bool:
            return any(n.notice and n.state != "given" for n in notices(a.state(self.case), a.parties()))

        self.stage.wait(received, "no receipt for the notice came back")
        self.say(
            "respondent",
            "its node signs a receipt by itself: the bytes arrived. It accepts no fact, no procedure, no jurisdiction.",
        )
        seen = acts.acknowledge(b, self.case, record.value.id, "Received and read. Without prejudice.")
        self.say("respondent", "an officer acknowledges the notice, without prejudice.", seen.value.id)

    def ask_and_disclose(self) -> None:
        self.feed.chapter("5. Questions with clocks, and evidence that is shown by the row")
        a, b = self.node("claimant"), self.node("respondent")
        due = acts.time_in(b, 72 * 3600)
        asked = {}
        for key in ("R1", "R2"):
            one = sentence(key)
            target = self.target(one.answers or "")
            content = kinds.Request(
                to=self.seat("claimant").id,
                type="evidence",
                text=speak(one.text, self.stage.cast),
                due=due,
                about=target,
                levels=("rows",) if key == "R1" else ("whole",),
            )
            asked[key] = acts.request(b, self.case, content).value.id
            self.say("respondent", f"asks, by {due}: {content.text}", asked[key])
        self.stage.send("respondent")
        self.stage.arrived(self.case, asked["R2"], "claimant")
        for key in ("R1", "R2"):
            acts.answer(a, self.case, kinds.Answer(request=asked[key], disposition="accepted", agrees=due))
        self.say("claimant", f"agrees to both clocks. Both sides now compute the same deadline, {due}.")
        to = [self.seat("respondent").id]
        shown = []
        for rule, path in (
            ("maintenance_host_logon.yml", "claimant/mail-proxy.csv"),
            ("maintenance_build_path.yml", "claimant/sysmon.jsonl"),
        ):
            rows = findings.rows_matched(findings.reported_at(a.state(self.case), self.told.records[rule]))
            record = handing_over.disclose_rows(
                a,
                self.case,
                self.told.records[path],
                rows,
                to=to,
                use="defence",
                basis="Reply to a request in this case.",
            )
            shown.append(record.value.id)
            self.say(
                "claimant",
                f"shows {len(rows)} rows of {Path(path).name} to {{respondent}}, each with its proof; the other "
                f"{self.manifest.file(path).rows - len(rows):,} stay closed.",
                record.value.id,
            )
        acts.answer(
            a,
            self.case,
            kinds.Answer(request=asked["R1"], disposition="fulfilled", fulfils=tuple(sorted(shown))),
        )
        whole = handing_over.disclose_whole(
            a,
            self.case,
            self.told.records["claimant/mailbox-audit.csv"],
            to=to,
            use="defence",
            basis="Reply to a request in this case.",
        )
        self.keep("whole", whole.value.id)
        done = acts.answer(
            a,
            self.case,
            kinds.Answer(request=asked["R2"], disposition="fulfilled", fulfils=(whole.value.id,)),
        )
        self.say(
            "claimant",
            "hands over the whole mailbox audit export, with the key of that one item.",
            whole.value.id,
        )
        self.stage.send("claimant")
        self.stage.arrived(self.case, done.value.id, "respondent")
        self.stage.settled(self.case)
        status = {c.status for c in clocks(a.state(self.case), a.effects.now())}
        self.aside(
            f"Both requests are answered; by the witnesses' times: {', '.join(sorted(status)).replace('-', ' ')}."
        )

    def run_again(self) -> None:
        self.feed.chapter("6. The other side runs the findings again")
        b = self.node("respondent")
        for rule in ("maintenance_host_logon.yml", "maintenance_build_path.yml"):
            record, comparison = findings.replicate(b, self.case, self.told.records[rule])
            self.say(
                "respondent",
                f"runs {rule} over the rows it was shown: {comparison.verdict}. Whether there are other rows, and "
                "what they would say, is not checked.",
                record.value.id,
            )
        handing_over.open_package(b, self.case, self.told.records["whole"])
        export = self.told.records["mailbox_export.yml"]
        record, comparison = findings.replicate(b, self.case, export)
        self.say(
            "respondent",
            f"runs mailbox_export.yml over the whole export as it was declared: {comparison.verdict}, to the bit.",
            record.value.id,
        )
        told = Parameters(
            zone="+02:00",
            since=SINCE,
            until=UNTIL,
            logsource=tuple(sorted(self.manifest.file("claimant/mailbox-audit.csv").logsource.items())),
        )
        record, comparison = findings.replicate(
            b,
            self.case,
            export,
            parameters=told,
            note="The export holds local time, +02:00: the same sessions stand in the gateway log two hours earlier.",
        )
        self.say(
            "respondent",
            "runs it again with the zone that the log was really written in: " + differs(comparison),
            record.value.id,
        )

    def respond(self) -> None:
        self.feed.chapter("7. An answer to each assertion, with evidence of its own")
        b = self.node("respondent")
        for file in self.manifest.held_by("respondent"):
            self.seal_file("respondent", file)
        self.report("respondent", "border_spray.yml", "respondent/border-flow.jsonl")
        self.report("respondent", "address_reassigned.yml", "respondent/address-assignments.csv")
        self.report("respondent", "maintenance_host_off.yml", "respondent/border-flow.jsonl")
        words = {"P1": "disputes-in-part", "P2": "cannot-confirm", "P4": "disputes", "P5": "disputes"}
        claimed = [s.key for s in CLAIMED]
        positions = []
        for one in POSITIONS:
            n = claimed.index(one.answers or "")
            reasons, supports = speak(one.text, self.stage.cast), tuple(self.supports(one.rules))
            position: kinds.Stand = words[one.key]  # type: ignore[assignment]
            if one.key == "P4":
                # This position is against one support: the finding whose zone is wrong.
                positions.append(
                    Position(n=n, position=position, reasons=reasons, supports=supports, support=0)
                )
            else:
                positions.append(Position(n=n, position=position, reasons=reasons, supports=supports))
        doubt = tuple(self.supports(("address_reassigned.yml",)))
        positions += [
            Position(
                n=claimed.index("A3"),
                position="disputes",
                support=0,
                reasons="The address was not the ministry's at the time; the announced name is the client's own word.",
                supports=doubt,
            ),
        ]
        a3 = self.target("A3")
        stated = [self.assertion(s.key, self.supports(s.rules), a3) for s in DENIED]
        record = acts.respond(b, self.case, self.told.records["claim"], positions, stated)
        self.keep("response", record.value.id)
        for one in POSITIONS:
            self.say("respondent", f"on {one.answers}: {one.text}", record.value.id)
        for one in DENIED:
            self.say("respondent", f"{one.key} {STANCE[one.stance]} A3: {one.text}", record.value.id)
        claimant_notice = [n for n, s in enumerate(DENIED) if "claimant" in self.about(s.key)]
        if claimant_notice:
            acts.give_notice(
                b, self.case, record.value.id, claimant_notice, self.named("claimant"), "You are named."
            )
        self.stage.send("respondent")
        self.stage.arrived(self.case, record.value.id, "claimant", "third")

    def check_the_denial(self) -> None:
        self.feed.chapter("8. The denial passes through the same rules")
        a, b, c = self.node("claimant"), self.node("respondent"), self.node("third")
        rule, path = "address_reassigned.yml", "respondent/address-assignments.csv"
        rows = findings.rows_matched(findings.reported_at(b.state(self.case), self.told.records[rule]))
        shown = handing_over.disclose_rows(
            b,
            self.case,
            self.told.records[path],
            rows,
            to=[self.seat("claimant").id, self.seat("third").id],
            use="information",
            basis="Offered with the answer.",
        )
        self.say(
            "respondent", f"shows {len(rows)} rows of its address assignments to both others.", shown.value.id
        )
        self.stage.send("respondent")
        self.stage.arrived(self.case, shown.value.id, "claimant", "third")
        both: tuple[tuple[Role, Node], ...] = (("claimant", a), ("third", c))
        for role, node in both:
            record, comparison = findings.replicate(node, self.case, self.told.records[rule])
            self.say(role, f"runs {rule} over them: {comparison.verdict}.", record.value.id)
        contest = acts.respond(
            a,
            self.case,
            self.told.records["response"],
            [
                Position(
                    n=0,
                    position="disputes-in-part",
                    support=1,
                    reasons="That a host sends nothing across the border does not show that it is switched off.",
                )
            ],
        )
        self.say(
            "claimant",
            "contests the second support of the denial: silence at the border is not a host that is off.",
            contest.value.id,
        )
        self.stage.send("claimant")
        self.stage.send("third")
        self.stage.settled(self.case)
        denial = self.facts("third", "D1")
        self.aside(
            f"The denial has gained: its first support is re-run ({denial.supports[0].rerun.replace('-', ' ')}). "
            f"And lost: its second is contested, with reasons."
        )

    def withdraw(self) -> None:
        self.feed.chapter("9. One assertion is withdrawn, the others are kept")
        a = self.node("claimant")
        record = acts.withdraw(
            a,
            self.case,
            self.told.records["claim"],
            [self.target("A3").n],
            speak(WITHDRAWAL, self.stage.cast),
        )
        self.say("claimant", WITHDRAWAL, record.value.id)
        facts = self.facts("claimant", "A3")
        self.aside(
            f"A3 stays readable, marked {', '.join(facts.marks)}. Its supports: "
            f"{', '.join(s.rerun.replace('-', ' ') for s in facts.supports)}. Sealed, disclosed, run again with the "
            "same result, and still false: whoever planted those rows wrote them before they were sealed."
        )

    def fourth_answers(self) -> None:
        self.feed.chapter("10. A party without a node answers from a file")
        b = self.node("respondent")
        fourth = self.stage.cast.fourth
        numbers = [n for n, s in enumerate(DENIED) if "fourth" in self.about(s.key)]
        given = acts.give_notice(
            b,
            self.case,
            self.told.records["response"],
            numbers,
            self.named("fourth"),
            speak("The assertions below name {fourth}. You may answer without an account.", self.stage.cast),
        )
        path = self.stage.folder / f"notice-for-{fourth.label}.txt"
        path.write_bytes(forms.write_text(forms.notice_data(b, self.case, given.value.id), "en"))
        self.say(
            "respondent",
            f"writes a notice for {{fourth}}, which has no node: one text file, {path.name}.",
            given.value.id,
        )
        read = forms.read_notice(path.read_bytes()).notice
        self.aside(
            f"{fourth.office} checks it offline: signatures, receipts and text agree; giver {read.giver.id[:16]}…, "
            f"{len(read.assertions)} assertions. Opening it recorded nothing anywhere."
        )
        seed = b.effects.random(32)
        item = self.order_book(b)
        d1, d2 = (next(i for i, s in enumerate(DENIED) if s.key == k) for k in ("D1", "D2"))
        reply = guests.answer_notice(
            path.read_bytes(),
            name=fourth.office,
            seed=seed,
            effects=b.effects,
            acknowledge="Read. Without prejudice.",
            positions=[
                Position(n=d2, position="accepts", reasons=speak(sentence("S3").text, self.stage.cast))
            ],
            seals=[item],
            endorse=[
                guests.Endorsed(n=d1, basis="own-evidence", why=speak(sentence("E2").text, self.stage.cast))
            ],
        )
        answer = self.stage.folder / f"reply-of-{fourth.label}.txt"
        answer.write_bytes(reply)
        seat = self.seat("respondent")
        seat.peers.post(seat.url, "/x/guest", reply)
        self.stage.wait(
            lambda: any(r.author not in {s.id for s in self.stage} for r in b.state(self.case).ordered),
            "the reply was not registered",
        )
        self.aside(
            f"{fourth.office} answers as a guest under a key it made itself, seals its order book, accepts D2, "
            f"and endorses D1 on its own evidence. Handed in over HTTP; {seat.name} registers it, and whose key it is "
            "stays open until someone asks by another channel."
        )
        self.stage.settled(self.case)

    def order_book(self, node: Node) -> SealedItem:
        return seal_stream(
            [ORDER_BOOK.encode()],
            "orders.csv",
            "csv/1",
            node.effects.random(32),
            Declared(zone="+00:00", origin="hosting order book"),
        )

    def endorse(self) -> None:
        self.feed.chapter("11. Others endorse, and declare on what basis")
        c = self.node("third")
        for file in self.manifest.held_by("third"):
            self.seal_file("third", file)
        self.report("third", "resolver_callback.yml", "third/resolver.jsonl")
        one = sentence("E1")
        target = self.target(one.answers or "")
        record = acts.endorse(
            c,
            self.case,
            kinds.Endorse(
                target=target,
                basis="own-evidence",
                supports=(
                    Support(
                        kind="finding",
                        record=self.told.records["resolver_callback.yml"],
                        inference=speak(one.text, self.stage.cast),
                    ),
                ),
            ),
        )
        self.keep("endorsement", record.value.id)
        self.say("third", "endorses A2 on its own evidence: " + one.text, record.value.id)
        self.weigh()
        self.stage.send("third")
        self.stage.settled(self.case)
        for key in ("A2", "D1"):
            facts = self.facts("third", key)
            self.aside(
                f"{key}: {count(len(facts.endorsements), 'endorsement')}, {len(facts.origins)} declared origins in all "
                f"({'; '.join(facts.origins)}), {facts.undeclared} undeclared."
            )

    def weigh(self) -> None:
        """The third weighs what it may read; its own node then computes that again."""
        content = weigh_story(self.told.records, self.seat("claimant").id)
        record = acts.assess(self.node("third"), self.case, content)
        self.keep("assessment", record.value.id)
        shown = show(content, "numbers")
        self.say("third", f"weighs two clusters and an unknown actor: {shown.headline}.", record.value.id)
        self.feed.say(f"{shown.why} {shown.hangs[-1]} Its page names what would tell most, and every limit.")

    def publish(self) -> None:
        self.feed.chapter("12. Both sides publish")
        self.show_everyone("claimant", "web_shell_process.yml", "claimant/sysmon.jsonl")
        self.show_everyone("respondent", "address_reassigned.yml", "respondent/address-assignments.csv")
        sides: tuple[Role, ...] = ("claimant", "respondent")
        for role in sides:
            seat = self.seat(role)
            self.stage.settled(self.case)
            record, raw = publishing.publish(seat.node, self.case)
            path = self.stage.folder / f"dossier-of-{seat.home.folder.name}.comity"
            path.write_bytes(raw)
            self.told.dossiers.append(path)
            self.keep(f"publish-{role}", record.value.id)
            facts = notices(seat.node.state(self.case), seat.node.parties())
            before = {p[1] for n in facts for p in n.published if p[0] == record.value.id}
            self.say(
                role,
                f"publishes {path.name}, {len(raw) / 1e6:.1f} MB. Those it names were told before: "
                f"{', '.join(sorted(before)) or 'it names nobody'}.",
                record.value.id,
            )
            self.stage.send(role)
        self.stage.settled(self.case)
        self.told.trust = self.stage.folder / "trust.txt"
        self.told.trust.write_text("".join(f"{s.id} {s.name}\n" for s in self.stage), encoding="utf-8")
