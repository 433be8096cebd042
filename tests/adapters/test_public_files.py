"""What public files in a folder add to the contract."""

from __future__ import annotations

from pathlib import Path

import pytest

from comity.adapters.public_files import PublicFiles
from comity.errors import Unavailable


@pytest.mark.parametrize("name", ["a/b/c", "a"])
def test_a_name_that_a_folder_or_file_stands_in_the_way_of(tmp_path: Path, name: str) -> None:
    public = PublicFiles(tmp_path)
    public.write("a/b", b"x")
    with pytest.raises(Unavailable):
        public.write(name, b"x")
    with pytest.raises(Unavailable):
        public.write_all([(name, b"x")])
    assert public.read("a/b") == b"x"
