"""A service that answers what was written down of one, and keeps what it was asked."""

from typing import Any

import httpx

OUR_OWN = {"host", "accept", "accept-encoding", "connection", "user-agent", "content-length", "content-type"}
"""Heads that every program sends."""


class Service:
    """Answers in turn, the last answer for ever, and keeps what it was asked."""

    def __init__(self, *answers: Any) -> None:
        self._answers = list(answers)
        self.requests: list[httpx.Request] = []
        self.transport = httpx.MockTransport(self._answer)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if callable(answer):
            answer = answer(request)
        return answer if isinstance(answer, httpx.Response) else httpx.Response(200, json=answer)

    def heads(self, place: int = -1) -> dict[str, str]:
        """What stood in a request besides what every program sends."""
        request = self.requests[place]
        assert request.headers["user-agent"].startswith("beseda-client/")
        return {name: value for name, value in request.headers.items() if name not in OUR_OWN}
