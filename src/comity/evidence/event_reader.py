"""The usual form of a derived Windows event, read in one walk.

Nearly every event is a flat ``System`` with attributes and a flat ``EventData``. Of such an event the walk
gives exactly the fields of :func:`comity.evidence.parse.event_fields`, and how many keys it met; of anything
else it gives nothing, and the general reading decides. It reads what ``orjson`` made: no key stands twice,
and every text has a UTF-8 form.
"""

from __future__ import annotations

from typing import Any, Final

from comity.evidence.parse import Value

_LARGEST: Final = 2**63
_NAMES: Final = 4096


class EventReader:
    """Reads events one after the other. ``keys`` is the number of keys in the last one that was read."""

    def __init__(self) -> None:
        self.keys = 0
        self._names: dict[tuple[str, str], str] = {}

    def read(self, line: Any) -> dict[str, Value] | None:
        """The fields of a derived event; None where it is not of the usual form."""
        if type(line) is not dict or len(line) != 3 or type(line.get("written")) is not str:
            return None
        event = line.get("Event")
        if type(line.get("record")) is not int or type(event) is not dict:
            return None
        self.keys = 3 + len(event)
        fields: dict[str, Value] = {}
        system = event.get("System")
        if type(system) is not dict or not self._put_system(fields, system):
            return None
        seen = False
        for part, content in event.items():
            if part == "System":
                continue
            if part == "#attributes":
                if not self._skip(content):
                    return None
            elif content is not None:
                # Names that two parts share would be put together.
                if seen or type(content) is not dict or not self._put_data(fields, content):
                    return None
                seen = True
        return fields

    def _skip(self, attributes: Any) -> bool:
        """Count the keys of attributes that give no field; False where more than texts are in them."""
        if type(attributes) is not dict:
            return False
        self.keys += len(attributes)
        for value in attributes.values():  # noqa: SIM110 - a generator would cost more than the tests
            if type(value) is not str:
                return False
        return True

    def _put_system(self, fields: dict[str, Value], system: dict[str, Any]) -> bool:
        keys = len(system)
        put = 0
        names = self._names
        for name, child in system.items():
            kind = type(child)
            if kind is str or child is None or (kind is int and -_LARGEST < child < _LARGEST):
                fields[name] = child
                put += 1
                continue
            if kind is not dict:
                return False
            keys += len(child)
            for key, item in child.items():
                if key == "#attributes" and type(item) is dict:
                    keys += len(item)
                    for attribute, value in item.items():
                        kind = type(value)
                        if kind is not str and not (kind is int and -_LARGEST < value < _LARGEST):
                            return False
                        joined = names.get((name, attribute))
                        if joined is None:
                            if len(names) >= _NAMES:
                                names.clear()
                            joined = names[name, attribute] = f"{name}_{attribute}"
                        fields[joined] = value
                        put += 1
                elif key == "#text" and (
                    type(item) is str or (type(item) is int and -_LARGEST < item < _LARGEST)
                ):
                    fields[name] = item
                    put += 1
                else:
                    return False
        if len(fields) != put:
            return False
        if "TimeCreated_SystemTime" in fields:
            fields["TimeCreated"] = fields.pop("TimeCreated_SystemTime")
        self.keys += keys
        return True

    def _put_data(self, fields: dict[str, Value], content: dict[str, Any]) -> bool:
        self.keys += len(content)
        if len(content) == 1:
            # UserData has one element around its data.
            (inner,) = content.values()
            if type(inner) is dict and "#text" not in inner and "#attributes" not in content:
                content = inner
                self.keys += len(content)
                if "#attributes" in content:
                    content = content.copy()
                    if not self._skip(content.pop("#attributes")):
                        return False
        # A field of System is never replaced; two data have two names.
        for name, child in content.items():
            kind = type(child)
            if kind is dict:
                child = self._text_of(child)
                if child is None:
                    return False
            elif kind is int:
                if child >= _LARGEST:
                    child = str(child)
                elif child <= -_LARGEST:
                    return False
            elif kind is not str and child is not None and kind is not bool:
                return False
            if name == "#attributes":
                return False
            fields[f"EventData_{name}" if name in fields else name] = child
        return True

    def _text_of(self, child: dict[str, Any]) -> Any:
        """What an element with attributes says, one text or several; None for anything else."""
        text = child.get("#text")
        if text is None or len(child) > 2:
            return None
        if len(child) == 2 and ("#attributes" not in child or not self._skip(child["#attributes"])):
            return None
        self.keys += len(child)
        if type(text) is list:
            return text if {str}.issuperset(map(type, text)) else None
        return text if type(text) is str else None
