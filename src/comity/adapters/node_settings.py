"""``comity.toml``: what people may set of a node, read, checked and first written."""

from __future__ import annotations

import ipaddress
import json
import tomllib
from pathlib import Path
from typing import Annotated, TypeVar
from urllib.parse import urlsplit

import msgspec

from comity.adapters.atomic import explain
from comity.adapters.quota_settings import Quotas, render_quotas
from comity.adapters.s3_place import S3Place, parse_place
from comity.errors import Malformed, Unavailable

S = TypeVar("S", bound=msgspec.Struct)

SETTINGS = "comity.toml"
LISTEN = "127.0.0.1:8731"
"""Where a node listens if nothing else is said."""


class InStore(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A place in an object store: ``s3`` is bucket/prefix, ``endpoint`` the address of a store other than
    Amazon's. Credentials are never settings: they come from the environment, the profile or the machine."""

    s3: str
    endpoint: str = ""
    region: str = ""

    def place(self, where: str = "s3") -> S3Place:
        """The place, checked; ``Malformed`` (``settings.s3``, ``settings.endpoint``)."""
        return parse_place(self.s3, self.endpoint, self.region, where)


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What people may set: ``listen`` is host:port here, ``url`` the address in the party's card.

    ``private_peers`` allows peers at loopback and private addresses. ``tsa`` are addresses of timestamp
    authorities (RFC 3161) to ask where a case names one. ``keep_free_mb`` is how much stays free (in 10^6
    bytes) where the node is kept: below that it writes nothing new. ``quotas`` bound what others may have it
    store. ``blobs`` and ``public`` say where blobs
    and public files are kept, if not in the node's folder.
    """

    listen: str = LISTEN
    url: str = ""
    private_peers: bool = False
    tsa: tuple[str, ...] = ()
    keep_free_mb: Annotated[int, msgspec.Meta(ge=0, le=1_000_000)] = 128
    quotas: Quotas = Quotas()
    blobs: InStore | None = None
    public: InStore | None = None

    @property
    def address(self) -> tuple[str, int]:
        """Host and port to listen at."""
        return split_listen(self.listen)


def split_listen(listen: str, where: str = "listen") -> tuple[str, int]:
    """Host and port of ``host:port`` (IPv6 in brackets); ``Malformed`` (``settings.listen``) otherwise."""
    host, _, port = listen.rpartition(":")
    if not host or not port.isascii() or not port.isdigit() or int(port) > 65_535:
        raise Malformed("settings.listen", where, f"{listen!r} is not host:port")
    return host.strip("[]"), int(port)


def settings_for(
    listen: str, url: str, *, blobs: InStore | None = None, public: InStore | None = None
) -> Settings:
    """Settings of a new node; the address defaults to where it listens, over plain HTTP."""
    split_listen(listen)
    url = (url or f"http://{listen}").rstrip("/")
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise Malformed("settings.url", "url", f"{url!r} is not an http or https address")
    _require_apart(blobs, public, "")
    inside = _inside(parts.hostname)
    return Settings(listen=listen, url=url, private_peers=inside, blobs=blobs, public=public)


def _require_apart(blobs: InStore | None, public: InStore | None, path: str) -> None:
    """Both places are good, and nothing private could come to lie where anyone may read."""
    kept = blobs.place(f"{path} [blobs]".lstrip()) if blobs else None
    shown = public.place(f"{path} [public]".lstrip()) if public else None
    if kept and shown and kept.overlaps(shown):
        why = "lies within the place of the other: blobs are private and public files are not"
        raise Malformed("settings.s3", f"{path} [blobs] [public]".lstrip(), why)


def _inside(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return False


def render_settings(settings: Settings) -> bytes:
    """``comity.toml`` as it is first written."""
    private = "true" if settings.private_peers else "false"
    return (
        "# Where this node listens. Behind a proxy that ends TLS, keep it on this machine.\n"
        f"listen = {json.dumps(settings.listen)}\n"
        "# The address that stands in the party's card, and that other nodes send to.\n"
        f"url = {json.dumps(settings.url)}\n"
        "# Whether peers may live at loopback and private addresses (nodes of one machine or network).\n"
        f"private_peers = {private}\n"
        '# Timestamp authorities (RFC 3161) to ask where a case names one, as ["https://…"].\n'
        f"tsa = {json.dumps(list(settings.tsa))}\n"
        "# Below so many free megabytes this node signs, seals and takes in nothing; it goes on being read.\n"
        f"keep_free_mb = {settings.keep_free_mb}\n"
        + render_quotas(settings.quotas)
        + _render_place("blobs", "Where evidence is kept, sealed under this node's key.", settings.blobs)
        + _render_place("public", "Where tiles, checkpoint and dossiers are kept.", settings.public)
    ).encode()


def _render_place(name: str, what: str, given: InStore | None) -> str:
    if given is None:
        return ""
    return (
        f"\n# {what} Credentials come from the environment or a profile, never from here.\n"
        f"[{name}]\ns3 = {json.dumps(given.s3)}\n"
        + (f"endpoint = {json.dumps(given.endpoint)}\n" if given.endpoint else "")
        + (f"region = {json.dumps(given.region)}\n" if given.region else "")
    )


def read_settings(folder: Path) -> Settings:
    """The settings of a home; ``Unavailable`` (``home.missing``) where there is none, ``Malformed``
    (``settings.form``) where they cannot be read."""
    path = folder / SETTINGS
    missing = Unavailable("home.missing", str(folder), "no node lives here; make one with comity init")
    said = read_toml(path, missing)
    _refuse_secrets(said, path)
    settings = as_settings(said, Settings, path)
    split_listen(settings.listen, str(path))
    _require_apart(settings.blobs, settings.public, str(path))
    return settings


def read_toml(path: Path, missing: Unavailable) -> dict[str, object]:
    """The tables of a file of settings; ``missing`` where there is none, ``Malformed`` (``settings.form``)
    where it is no TOML."""
    try:
        # tomllib says where in the file it is wrong.
        return tomllib.loads(path.read_bytes().decode())
    except (FileNotFoundError, NotADirectoryError):
        raise missing from None
    except OSError as error:
        raise explain(error, path) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Malformed("settings.form", str(path), str(error)) from None


def as_settings(said: dict[str, object], form: type[S], path: Path) -> S:
    """What a file says, as settings of this form; ``Malformed`` (``settings.form``)."""
    try:
        return msgspec.convert(said, form)
    except msgspec.ValidationError as error:
        raise Malformed("settings.form", str(path), str(error)) from None


def _refuse_secrets(said: dict[str, object], path: Path) -> None:
    for table in ("blobs", "public"):
        given = said.get(table)
        for name in given if isinstance(given, dict) else ():
            if any(word in name.lower() for word in ("key", "secret", "token", "password", "credential")):
                why = (
                    "credentials are never kept in this file: set AWS_PROFILE, or AWS_ACCESS_KEY_ID and so on"
                )
                raise Malformed("settings.secret", f"{path} [{table}] {name}", why)
