"""Text of LLVM's language as functions of machine code, made once for a machine and kept.

Making it takes tenths of a second in each process, loading what was made a few thousandths. What is kept is
an object file under a name that is the digest of all that decides its bytes: the text or what it is written
from, the version of the compiler, the processor with its features, and how it was asked. A digest of the code
is kept with it. What does not agree with either is made again and never run. Who may write to where it is
kept is for the store to see.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, Protocol

if TYPE_CHECKING:
    from llvmlite import binding

FORMAT: Final = "comity-code/1"
_LEVEL: Final = 2


class CodeStore(Protocol):
    """Where machine code is kept from one process to the next: ours alone to write to."""

    def get(self, name: str) -> bytes | None:
        """What was kept under a name, if it is there."""

    def put(self, name: str, kept: bytes) -> None:
        """Keep it, if that can be."""


def keep_code(find_store: Callable[[], CodeStore | None]) -> None:
    """From now on code is kept where this says, when first some is wanted."""
    global _find_store
    _find_store = find_store


def _keep_none() -> CodeStore | None:
    return None


_find_store: Callable[[], CodeStore | None] = _keep_none
_ENGINES: Final[list[Any]] = []


def compile_functions(
    text: str | Callable[[], str],
    functions: Mapping[str, tuple[Any, Sequence[Any]]],
    *,
    decided_by: str = "",
    keep: bool = True,
) -> dict[str, Callable[..., Any]]:
    """Functions of a text in LLVM's language, as machine code for this processor, each with the ``ctypes`` of
    what it gives and takes. A text may be written when it is wanted, if something else that decides all of it
    is told. Text that holds an address of this process is not to be kept. Raises ``ImportError`` without
    llvmlite, ``RuntimeError`` for what cannot be."""
    import ctypes

    from llvmlite import binding

    binding.initialize_native_target()
    binding.initialize_native_asmprinter()
    target = binding.Target.from_default_triple()
    asked = {
        "cpu": binding.get_host_cpu_name(),
        "features": binding.get_host_cpu_features().flatten(),
        "opt": _LEVEL,
    }
    name = name_of(text if isinstance(text, str) else decided_by, target.triple, asked)
    store = _find_store() if keep else None
    kept = store.get(name) if store is not None else None
    code = open_code(name, kept) if kept is not None else None
    machine = target.create_target_machine(**asked)
    if code is None:
        code = _make(text if isinstance(text, str) else text(), machine)
        if store is not None:
            store.put(name, seal_code(name, code))
    engine = binding.create_mcjit_compiler(binding.parse_assembly(""), machine)
    engine.add_object_file(binding.ObjectFileRef.from_data(code))
    engine.finalize_object()
    _ENGINES.append(engine)  # what was compiled lives as long as its engine
    return {
        name: ctypes.CFUNCTYPE(gives, *takes)(engine.get_function_address(name))
        for name, (gives, takes) in functions.items()
    }


def name_of(decided_by: str, triple: str, asked: Mapping[str, object]) -> str:
    """The digest (hex) of all that decides what machine code is made of a text."""
    import llvmlite
    from llvmlite import binding

    made_by = (FORMAT, llvmlite.__version__, *binding.llvm_version_info, triple, sorted(asked.items()))
    return hashlib.sha256(f"{made_by}\0{decided_by}".encode()).hexdigest()


def seal_code(name: str, code: bytes) -> bytes:
    """Code as it is kept: a digest of it under its name, then itself."""
    return _digest(name, code) + code


def open_code(name: str, kept: bytes) -> bytes | None:
    """The code that was kept under a name; None where it is not whole, or was kept under another."""
    code = kept[32:]
    return code if code and kept[:32] == _digest(name, code) else None


def _digest(name: str, code: bytes) -> bytes:
    return hashlib.sha256(name.encode() + b"\0" + code).digest()


def _make(text: str, machine: binding.TargetMachine) -> bytes:
    from llvmlite import binding

    module = binding.parse_assembly(text)
    module.verify()
    builder = binding.create_pass_builder(machine, binding.create_pipeline_tuning_options(speed_level=_LEVEL))
    builder.getModulePassManager().run(module, builder)
    made: bytes = machine.emit_object(module)
    return made
