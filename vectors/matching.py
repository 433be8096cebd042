"""Vectors of private matching: those of RFC 9497 (appendix A.1.2), packages, and the one form of an
indicator."""

from __future__ import annotations

from typing import Any

from comity.matching import packages
from vectors.story import Made, vector

SEED, INFO = "a3" * 32, b"test key".hex()
BLIND = "64d37aed22a27f5191de1c1d69fadb899d8862b58eb4220029e036ec4c1f6706"
RANDOM = "222a5e897cf59db8145db8d16e597e8facb80ae7d4e26d9881aa6f61d645fc0e"
RFC_9497: dict[str, dict[str, Any]] = {
    "of RFC 9497 A.1.2.1": {
        "inputs": ["00"],
        "blinds": [BLIND],
        "random": RANDOM,
        "blinded": ["863f330cc1a1259ed5a5998a23acfd37fb4351a793a5b3c090b642ddc439b945"],
        "evaluated": ["aa8fa048764d5623868679402ff6108d2521884fa138cd7f9c7669a9a014267e"],
        "proof": "ddef93772692e535d1a53903db24367355cc2cc78de93b3be5a8ffcc6985dd06"
        "6d4346421d17bf5117a2a1ff0fcb2a759f58a539dfbe857a40bce4cf49ec600d",
        "outputs": [
            (
                "b58cfbe118e0cb94d79b5fd6a6dafb98764dff49c14e1770b566e42402da1a7d"
                "a4d8527693914139caee5bd03903af43a491351d23b430948dd50cde10d32b3c"
            )
        ],
    },
    "of RFC 9497 A.1.2.2": {
        "inputs": ["5a" * 17],
        "blinds": [BLIND],
        "random": RANDOM,
        "blinded": ["cc0b2a350101881d8a4cba4c80241d74fb7dcbfde4a61fde2f91443c2bf9ef0c"],
        "evaluated": ["60a59a57208d48aca71e9e850d22674b611f752bed48b36f7a91b372bd7ad468"],
        "proof": "401a0da6264f8cf45bb2f5264bc31e109155600babb3cd4e5af7d181a2c9dc0a"
        "67154fabf031fd936051dec80b0b6ae29c9503493dde7393b722eafdf5a50b02",
        "outputs": [
            (
                "8a9a2f3c7f085b65933594309041fc1898d42d0858e59f90814ae90571a6df60"
                "356f4610bf816f27afdd84f47719e480906d27ecd994985890e5f539e7ea74b6"
            )
        ],
    },
    "of RFC 9497 A.1.2.3, a batch of two": {
        "inputs": ["00", "5a" * 17],
        "blinds": [BLIND, RANDOM],
        "random": "419c4f4f5052c53c45f3da494d2b67b220d02118e0857cdbcf037f9ea84bbe0c",
        "blinded": [
            "863f330cc1a1259ed5a5998a23acfd37fb4351a793a5b3c090b642ddc439b945",
            "90a0145ea9da29254c3a56be4fe185465ebb3bf2a1801f7124bbbadac751e654",
        ],
        "evaluated": [
            "aa8fa048764d5623868679402ff6108d2521884fa138cd7f9c7669a9a014267e",
            "cc5ac221950a49ceaa73c8db41b82c20372a4c8d63e5dded2db920b7eee36a2a",
        ],
        "proof": "cc203910175d786927eeb44ea847328047892ddf8590e723c37205cb74600b0a"
        "5ab5337c8eb4ceae0494c2cf89529dcf94572ed267473d567aeed6ab873dee08",
        "outputs": [
            (
                "b58cfbe118e0cb94d79b5fd6a6dafb98764dff49c14e1770b566e42402da1a7d"
                "a4d8527693914139caee5bd03903af43a491351d23b430948dd50cde10d32b3c"
            ),
            (
                "8a9a2f3c7f085b65933594309041fc1898d42d0858e59f90814ae90571a6df60"
                "356f4610bf816f27afdd84f47719e480906d27ecd994985890e5f539e7ea74b6"
            ),
        ],
    },
}
PUBLIC = "c803e2cc6b05fc15064549b5920659ca4a77b2cca6f04f6b357009335476ad4e"
BATCH = RFC_9497["of RFC 9497 A.1.2.3, a batch of two"]


def voprf_accepted() -> Made:
    for name, given in RFC_9497.items():
        fields = {k: given[k] for k in ("inputs", "blinds", "random")}
        yield vector("voprf", name, seed=SEED, info=INFO, **fields)


def _proven(name: str, **changes: Any) -> dict[str, Any]:
    fields = {k: BATCH[k] for k in ("blinded", "evaluated", "proof")} | {"key": PUBLIC} | changes
    return vector("voprf_proof", name, **fields)


def voprf_proof_accepted() -> Made:
    for name, given in RFC_9497.items():
        yield _proven(name, **{k: given[k] for k in ("blinded", "evaluated", "proof")})


def voprf_proof_refused() -> Made:
    one, two = BATCH["evaluated"]
    c, s = BATCH["proof"][:64], BATCH["proof"][64:]
    order = 2**252 + 27742317777372353535851937790883648493
    high = (int.from_bytes(bytes.fromhex(s), "little") + order).to_bytes(32, "little").hex()
    yield _proven("answers exchanged", evaluated=[two, one])
    yield _proven("another key", key=BATCH["blinded"][0])
    yield _proven("an answer left out", evaluated=[one])
    yield _proven("an answer made with another key", evaluated=[one, BATCH["blinded"][0]])
    yield _proven("both halves of the proof exchanged", proof=s + c)
    yield _proven("a proof of zeros", proof="00" * 64)
    yield _proven("s plus the group order", proof=c + high)
    yield _proven("a proof of 63 bytes", proof=BATCH["proof"][2:])
    yield _proven("the key is the identity", key="00" * 32)
    yield _proven("an answer that is the identity", evaluated=[one, "00" * 32])
    yield _proven("an answer that is no element", evaluated=[one, "01" + "00" * 31])
    yield _proven("an element of the wrong sign", blinded=[BATCH["blinded"][0], "ff" * 32])
    yield _proven("an element of 31 bytes", blinded=[BATCH["blinded"][0], BATCH["blinded"][1][2:]])


def voprf_refused() -> Made:
    blinded = RFC_9497["of RFC 9497 A.1.2.1"]["blinded"]
    for name, element in (("asks the identity", "00" * 32), ("asks what is no element", "ee" + "ff" * 31)):
        yield vector("voprf", name, seed=SEED, info=INFO, random=RANDOM, blinded=[*blinded, element])


TOKENS = packages.make_list(bytes([n]) * 16 for n in (7, 3, 200))
ELEMENTS = packages.Parts(parts=tuple(bytes.fromhex(e) for e in BATCH["blinded"]))


def _parts(check: str, name: str, parts: packages.Parts, raw: bytes, **changes: Any) -> dict[str, Any]:
    fields = {"count": parts.count, "root": parts.root, "raw": raw.hex()} | changes
    return vector(check, name, **fields)


def match_list_accepted() -> Made:
    yield _parts("match_list", "three tokens", TOKENS, packages.render_list(TOKENS))


def match_list_refused() -> Made:
    raw = packages.render_list(TOKENS)
    unsorted = packages.Parts(parts=TOKENS.parts[::-1])
    twice = packages.Parts(parts=(*TOKENS.parts, TOKENS.parts[-1]))
    fewer = packages.Parts(parts=TOKENS.parts[:2])
    yield _parts("match_list", "a token left out", TOKENS, packages.render_list(fewer))
    yield _parts("match_list", "another root", TOKENS, raw, root="00" * 32)
    yield _parts("match_list", "not ascending", unsorted, packages.render_list(unsorted))
    yield _parts("match_list", "a token twice", twice, packages.render_list(twice))
    yield _parts("match_list", "elements", TOKENS, packages.render_elements(TOKENS))
    yield _parts("match_list", "cut short", TOKENS, raw[:-1])
    yield _parts("match_list", "a byte behind it", TOKENS, raw + b"\0")


def match_elements_accepted() -> Made:
    yield _parts("match_elements", "two elements", ELEMENTS, packages.render_elements(ELEMENTS))


def match_elements_refused() -> Made:
    other = packages.Parts(parts=ELEMENTS.parts[::-1])
    none = packages.Parts(parts=())
    yield _parts("match_elements", "in another order", ELEMENTS, packages.render_elements(other))
    yield _parts("match_elements", "another count", ELEMENTS, packages.render_elements(ELEMENTS), count=3)
    yield _parts("match_elements", "none", none, packages.render_elements(none))
    yield _parts("match_elements", "a list", ELEMENTS, packages.render_list(TOKENS))


SPELLED = (
    "203.0.113.9", "::FFFF:203.0.113.9", "2001:DB8:0:0::1", "203[.]0[.]113[.]9", "Relay.Example.",
    "xn--bcher-kva.example", "bücher.example", "BÜCHER.example", "_dmarc.relay.example",
    "D41D8CD98F00B204E9800998ECF8427E", "ab" * 64, "Ops@Bücher.Example", "a+b@relay.example",
)  # fmt: skip


def indicator_accepted() -> Made:
    for text in SPELLED:
        yield vector("indicator", f"spelled {text}", text=text)


def indicator_refused() -> Made:
    for name, text in {
        "a network": "203.0.113.0/24",
        "a wildcard": "*.relay.example",
        "a URL": "https://relay.example/a",
        "words": "relay example",
        "a zone": "fe80::1%eth0",
        "sharp s": "straße.example",
        "a joiner": "a\u200db.example",
        "one label": "localhost",
        "a label too long": f"{'a' * 64}.example",
        "a name too long": ".".join(["a" * 60] * 5),
        "an empty label": "a..example",
        "a last label of digits": "relay.1x.2",
        "a local part that is not ASCII": "ö@relay.example",
        "a hash of odd length": "ab" * 17,
    }.items():
        yield vector("indicator", name, text=text)
