"""A name server on loopback for tests: answers from records given as zone-file lines, and can fall silent."""

import asyncio

import dns.flags
import dns.message
import dns.rcode
import dns.rrset


class DnsServer:
    """``records``: lines such as ``carrier.test. 60 IN SRV 10 5 5060 a.carrier.test.``"""

    def __init__(self, *records: str) -> None:
        self.records: list[str] = list(records)
        self.asked: list[str] = []
        self.silent = False
        self.address = ("127.0.0.1", 0)
        self._transport: asyncio.DatagramTransport | None = None

    async def __aenter__(self) -> "DnsServer":
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(lambda: _Datagrams(self), local_addr=self.address)
        self._transport = transport
        self.address = transport.get_extra_info("sockname")[:2]
        return self

    async def __aexit__(self, *exc: object) -> None:
        if self._transport is not None:
            self._transport.close()
        await asyncio.sleep(0)

    def answer(self, data: bytes) -> bytes | None:
        query = dns.message.from_wire(data)
        question = query.question[0]
        self.asked.append(f"{question.name.to_text(omit_final_dot=True)} {question.rdtype.name}")
        if self.silent:
            return None
        reply = dns.message.make_response(query)
        reply.flags |= dns.flags.RA
        name = question.name.to_text()
        lines = [line.split(None, 4) for line in self.records]
        of_name = [line for line in lines if line[0].lower() == name.lower()]
        for line in of_name:
            if line[3] == question.rdtype.name:
                found = dns.rrset.from_text(line[0], int(line[1]), line[2], line[3], line[4])
                reply.find_rrset(reply.answer, found.name, found.rdclass, found.rdtype, create=True).update(found)
                reply.answer[0].ttl = int(line[1])
        if not of_name:
            reply.set_rcode(dns.rcode.NXDOMAIN)
        return reply.to_wire()


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self, server: DnsServer) -> None:
        self._server = server
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.DatagramTransport) or hasattr(transport, "sendto")
        self._transport = transport  # type: ignore[assignment]

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        reply = self._server.answer(data)
        if reply is not None and self._transport is not None:
            self._transport.sendto(reply, addr)
