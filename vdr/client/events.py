"""Server-sent events of a document, line by line, and what to ask for after a lost connection."""

from dataclasses import dataclass, field

from pydantic import ValidationError

from .errors import NotFound, ServiceMismatch
from .models import Document

RECONNECT_S = 2.0
# The service says something every 15 s.
SILENCE_S = 45.0


@dataclass(slots=True)
class Following:
    """What is known while a document is followed: the last event, and whether it was the end."""

    last_event_id: str | None = None
    is_over: bool = False
    _kind: str = field(default="", init=False)
    _id: str | None = field(default=None, init=False)
    _data: list[str] = field(default_factory=list, init=False)

    @property
    def headers(self) -> dict[str, str]:
        """What to send so that only what is new comes."""
        told = {} if self.last_event_id is None else {"Last-Event-ID": self.last_event_id}
        return {"Accept": "text/event-stream", **told}

    def take(self, line: str) -> Document | None:
        """The document where a line ends an event. Raises NotFound if it was deleted, ServiceMismatch."""
        if line:
            self._note(line)
            return None
        kind, data, event_id = self._kind, "\n".join(self._data), self._id
        self._kind, self._id, self._data = "", None, []
        if not data:
            return None
        if kind == "deleted":
            raise NotFound("The document was deleted while it was followed.")
        try:
            document = Document.model_validate_json(data)
        except ValidationError as error:
            raise ServiceMismatch(
                "The service sends events that this version does not understand."
            ) from error
        self.last_event_id = event_id or self.last_event_id
        self.is_over = document.is_finished
        return document

    def _note(self, line: str) -> None:
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "event":
            self._kind = value
        elif name == "id":
            self._id = value
        elif name == "data":
            self._data.append(value)
