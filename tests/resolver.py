"""A small DNS server that a test controls: what it is told to know, over UDP on loopback."""

import socket
import threading
from types import TracebackType
from typing import Self

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset


class SmallDns:
    """`records[name, type]` are texts of data; `referrals[name]` name servers; `broken` names end in SERVFAIL.

    What is `silent` gets no answer at all. `asked` is what it was asked, in order.
    """

    def __init__(self) -> None:
        self.records: dict[tuple[str, str], list[str]] = {}
        self.referrals: dict[str, list[str]] = {}
        self.broken: set[str] = set()
        self.silent = False
        self.asked: list[tuple[str, str]] = []

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
            last.sendto(b"", ("127.0.0.1", self.port))
        self._thread.join(10)
        self._socket.close()

    def _serve(self) -> None:
        while True:
            packet, peer = self._socket.recvfrom(4096)
            if not packet:
                return
            query = dns.message.from_wire(packet)
            name, kind = query.question[0].name, dns.rdatatype.to_text(query.question[0].rdtype)
            self.asked.append((name.to_text(omit_final_dot=True), kind))
            if not self.silent:
                self._socket.sendto(self._answer(query, name, kind).to_wire(), peer)

    def _answer(self, query: dns.message.Message, name: dns.name.Name, kind: str) -> dns.message.Message:
        answer = dns.message.make_response(query)
        text = name.to_text(omit_final_dot=True)
        if not query.flags & dns.flags.RD and text in self.referrals:
            answer.authority.append(dns.rrset.from_text_list(name, 60, "IN", "NS", self.referrals[text]))
        elif found := self.records.get((text, kind)):
            answer.answer.append(dns.rrset.from_text_list(name, 60, "IN", kind, found))
        elif any(text == each or text.endswith(f".{each}") for each in self.broken):
            answer.set_rcode(dns.rcode.SERVFAIL)
        elif not any(known == text for known, _ in self.records):
            answer.set_rcode(dns.rcode.NXDOMAIN)
        return answer
