"""Attacks on the container and the manifest."""

from __future__ import annotations

import msgspec

from comity.dossier import container, layout
from comity.records import canonical
from tests.dossier.shop import END, Workshop, attack, flip, members, reheader

# -- the container ----------------------------------------------------------------------------


@attack("container.truncated")
def truncated_tar(shop: Workshop) -> bytes:
    return shop.raw[:-700]


@attack("container.truncated")
def truncated_in_a_file(shop: Workshop) -> bytes:
    return shop.raw[:5000]


@attack("container.trailing")
def trailing_garbage(shop: Workshop) -> bytes:
    return shop.raw + bytes(511) + b"x"


@attack("container.trailing")
def trailing_zeros(shop: Workshop) -> bytes:
    return shop.raw + bytes(512)


@attack("container.duplicate")
def duplicate_name(shop: Workshop) -> bytes:
    first, *rest = members(shop.raw)
    return b"".join((first, first, *rest)) + END


@attack("container.duplicate")
def duplicate_name_at_the_end(shop: Workshop) -> bytes:
    parts = members(shop.raw)
    return b"".join((*parts, parts[0])) + END


@attack("container.name")
def parent_folder_name(shop: Workshop) -> bytes:
    first, *rest = members(shop.raw)
    return b"".join((reheader(first, name=b"../etc/passwd"), *rest)) + END


@attack("container.name")
def absolute_name(shop: Workshop) -> bytes:
    first, *rest = members(shop.raw)
    return b"".join((reheader(first, name=b"/etc/passwd"), *rest)) + END


@attack("container.name")
def unknown_name(shop: Workshop) -> bytes:
    first, *rest = members(shop.raw)
    return b"".join((first, reheader(first, name=b"attestations/README"), *rest)) + END


@attack("container.type")
def symbolic_link(shop: Workshop) -> bytes:
    first, *rest = members(shop.raw)
    link = reheader(first[:512], type=b"2", link=b"/etc/passwd", size=b"00000000000\0")
    return b"".join((link, *rest)) + END


@attack("container.type")
def folder_entry(shop: Workshop) -> bytes:
    first, *rest = members(shop.raw)
    folder = reheader(first[:512], type=b"5", name=b"records/", size=b"00000000000\0")
    return b"".join((first, folder, *rest)) + END


@attack("container.order")
def files_out_of_order(shop: Workshop) -> bytes:
    first, second, *rest = members(shop.raw)
    return b"".join((second, first, *rest)) + END


@attack("container.header")
def file_with_a_date(shop: Workshop) -> bytes:
    first, *rest = members(shop.raw)
    return b"".join((reheader(first, mtime=b"14720000000\0"), *rest)) + END


@attack("container.header")
def wrong_checksum(shop: Workshop) -> bytes:
    return shop.raw[:148] + b"000000\0 " + shop.raw[156:]


@attack("container.padding")
def bytes_behind_a_file(shop: Workshop) -> bytes:
    first, *rest = members(shop.raw)
    return b"".join((first[:-1] + b"x", *rest)) + END


@attack("container.header")
def size_that_lies(shop: Workshop) -> bytes:
    first, *rest = members(shop.raw)
    whole = len(first)  # its header, and its content up to a full block: one block more, and no padding
    return b"".join((reheader(first, size=b"%011o\0" % whole), *rest)) + END


@attack("container.size")
def size_beyond_the_limit(shop: Workshop) -> bytes:
    first, *rest = members(shop.raw)
    return b"".join((reheader(first, size=b"77777777777\0"), *rest)) + END


# -- the manifest -----------------------------------------------------------------------------


@attack("dossier.file-extra")
def extra_file(shop: Workshop) -> bytes:
    return shop.close({**shop.files, layout.disclosure_name("0" * 64): b"more"})


@attack("dossier.file-missing")
def missing_file(shop: Workshop) -> bytes:
    return shop.close(shop.without(shop.record("response")))


@attack("dossier.digest")
def changed_file(shop: Workshop) -> bytes:
    name = shop.record("claim")
    return shop.close({**shop.files, name: flip(shop.files[name])})


@attack("dossier.publish-manifest")
def changed_manifest(shop: Workshop) -> bytes:
    changed = shop.manifest(shop.files, as_of="2031-12-01T00:00:00Z")
    return container.pack({**changed, **shop.publication(shop.files)})


@attack("dossier.manifest-missing")
def no_manifest(shop: Workshop) -> bytes:
    return container.pack({**shop.without(layout.MANIFEST), **shop.publication(shop.files)})


@attack("manifest.form")
def manifest_of_another_version(shop: Workshop) -> bytes:
    plain = canonical.parse(shop.files[layout.MANIFEST])
    assert isinstance(plain, dict)
    return shop.close({**shop.files, layout.MANIFEST: canonical.render({**plain, "version": 2})})


@attack("json.canonical")
def manifest_spelled_otherwise(shop: Workshop) -> bytes:
    return shop.close({**shop.files, layout.MANIFEST: shop.files[layout.MANIFEST] + b"\n"})


@attack("dossier.file-listed")
def manifest_that_lists_the_publication(shop: Workshop) -> bytes:
    old = layout.parse_manifest(shop.files[layout.MANIFEST])
    listed = {**old.files, layout.PUBLISH_NOTE: "0" * 64}
    new = msgspec.structs.replace(old, files=listed)
    return shop.close({**shop.files, layout.MANIFEST: layout.render_manifest(new)})


@attack("dossier.facts-missing")
def no_facts(shop: Workshop) -> bytes:
    return shop.close(shop.manifest(shop.without(layout.FACTS)))


@attack("time.calendar")
def clocks_for_no_day(shop: Workshop) -> bytes:
    return shop.close(shop.manifest(shop.files, as_of="2031-02-30T00:00:00Z"))
