"""Short SIPp scenarios: instructions such as ``<?send INVITE?>`` become the messages that SIPp wants written out.

``.venv/bin/python -m tests.interop.sipp_text caller_hangs_up`` prints a scenario as SIPp itself takes it.

``<?send METHOD …?>``    a request of SIPp: of the dialog that it began, or that it was called into
``<?answer STATUS …?>``  to the INVITE that called SIPp
``<?reply STATUS …?>``   to the request that came last
``<?expect WHAT …?>``    a status or a method, with what its headers must hold
``<?line …?>``           what our side does, and what is to come of it (``sipp_suite`` reads it)
``<?served …?>``         from where SIPp calls a served line (``test_sipp_served`` reads it)

The first line of an instruction may have ``name=value`` options. Further lines of ``send``, ``answer``, ``reply`` are
headers: in place of those of that name (``Name -> line`` of another), ``-Name`` takes one away; after an empty line
comes the body. Further lines of ``expect`` are ``Name: regular expression`` (``body: …``, ``message: …``), with ``not``
before them where it must not match, or ``keep VARIABLE: Name``.
"""

import re
import sys
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Final
from xml.sax.saxutils import quoteattr

SCENARIOS: Final = Path(__file__).parent / "sipp"
_INSTRUCTION: Final = re.compile(r"[ \t]*<\?(line|served|send|answer|reply|expect)\s+(.*?)\?>", re.DOTALL)
_NAME: Final = re.compile(r'<scenario name="(\w+)">')
_OPTION: Final = re.compile(r'([\w-]+)(?:=(?:"([^"]*)"|(\S+)))?')
_AUDIO: Final = "m=audio {port} RTP/AVP 8 101\na=rtpmap:8 PCMA/8000\na=rtpmap:101 telephone-event/8000\na={direction}\n"
_SDP: Final = (
    "v=0\no=sipp 53655765 {version} IN IP[local_ip_type] [local_ip]\ns=-\nc=IN IP[media_ip_type] {host}\nt=0 0\n"
)
_DIRECTIONS: Final = ("sendrecv", "sendonly", "recvonly", "inactive")
_KEPT: Final = {"contact": "Contact", "from": "From", "to": "To", "via": "Via", "cseq": "CSeq"}


@dataclass
class Instruction:
    """One, taken apart."""

    kind: str
    what: str
    options: dict[str, str]
    lines: list[str]
    body: str | None


@dataclass
class _Script:
    """What has to be remembered while a scenario is written out."""

    lossy: bool
    repeat_ms: int
    called: bool = False
    cseq: int = 0
    invite: int = 0
    asked: str = ""
    """The method that came last."""
    variables: list[str] = field(default_factory=list)


def instructions(text: str) -> list[Instruction]:
    """All of a scenario, in their order."""
    return [_taken_apart(match[1], match[2]) for match in _INSTRUCTION.finditer(text)]


def expand(text: str, *, lossy: bool = False, linger_ms: int = 0, repeat_ms: int = 500) -> str:
    """The scenario as SIPp takes it. ``lossy``: what is not repeated may be missing; ``linger_ms``: how long repeats
    are answered at the end; ``repeat_ms`` is SIPp's T1, 0 for no repeats.
    """
    script = _Script(lossy, repeat_ms)
    steps = instructions(text)
    script.called = next(one for one in steps if one.kind in ("send", "expect")).kind == "expect"
    for one, following in pairwise(steps):
        # SIPp wants what is optional to be followed by what is not.
        unsure = one.kind == "expect" and following.kind == "expect" and re.fullmatch(r"1\d\d|ACK", one.what)
        if lossy and unsure:
            one.options["optional"] = ""
    remaining = iter(steps)
    text = _INSTRUCTION.sub(lambda _: _written(next(remaining), script), text)
    end = f'  <timewait milliseconds="{linger_ms}"/>\n' if linger_ms else ""
    if script.variables:
        end += f'  <Reference variables="{",".join(dict.fromkeys(script.variables))}"/>\n'
    return text.replace("</scenario>", f"{end}</scenario>")


def _taken_apart(kind: str, text: str) -> Instruction:
    head, _, rest = text.strip().partition("\n")
    what, _, more = head.strip().partition(" ")
    options = {match[1]: match[2] or match[3] or "" for match in _OPTION.finditer(more)}
    lines = [line.strip() for line in rest.split("\n")] if rest else []
    body = None
    if "" in lines:
        place = lines.index("")
        lines, body = lines[:place], "\n".join(lines[place + 1 :]) + "\n"
    return Instruction(kind, what, options, lines, body)


def _written(one: Instruction, script: _Script) -> str:
    if one.kind in ("line", "served"):
        return ""
    if one.kind == "expect":
        return _expectation(one, script)
    if one.kind == "send":
        return _sent(one, _request(one, script), script.repeat_ms if one.what != "ACK" else 0)
    if one.kind == "answer":
        return _sent(one, _response(one, script, initial=True), script.repeat_ms if int(one.what) >= 200 else 0)
    return _sent(one, _response(one, script, initial=False), script.repeat_ms if "retrans" in one.options else 0)


def _sent(one: Instruction, message: str, repeat_ms: int) -> str:
    retrans = f' retrans="{repeat_ms}"' if repeat_ms and "once" not in one.options else ""
    trying = '\n  <recv response="100" optional="true"/>' if one.kind == "send" and one.what == "INVITE" else ""
    trying = "" if "silent" in one.options else trying
    return f"  <send{retrans}>\n    <![CDATA[\n{message}\n]]>\n  </send>{trying}"


def _request(one: Instruction, script: _Script) -> str:
    method, options = one.what, one.options
    if method == "INVITE" and options.get("branch", "") == "":
        script.cseq += 1
        script.invite = script.cseq
    elif method not in ("ACK", "CANCEL", "INVITE"):
        script.cseq += 1
    script.cseq = max(script.cseq, int(options.get("cseq", 0)))
    number = int(options.get("cseq", script.invite if method in ("ACK", "CANCEL", "INVITE") else script.cseq))
    if method == "INVITE":
        script.invite = number
    refusal = method == "CANCEL" or "refused" in options
    branch = options.get("branch") or (f"invite{number}" if refusal else f"{method.lower()}{number}")
    outside = "outside" in options or method == "CANCEL" or (method == "INVITE" and number == 1)
    if script.called:
        uri, from_, to = "sip:[$contact]", "[$to];tag=[pid]s[call_number]", "[$from]"
    else:
        uri = "sip:[service]@[remote_ip]:[remote_port]"
        from_ = " <sip:[call_number]-[run]@[local_ip]:[local_port]>;tag=[pid]c[call_number]"
        to = " <sip:[service]@[remote_ip]:[remote_port]>" + ("" if outside else "[peer_tag_param]")
    headers = {
        "Via": f"Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=z9hG4bK[pid]x[call_number]x{branch}",
        "From": f"From:{from_}",
        "To": f"To:{to}",
        "Call-ID": "Call-ID: [call_id]",
        "CSeq": f"CSeq: {number} {method}",
        "Contact": "Contact: <sip:sipp@[local_ip]:[local_port];transport=[transport]>",
        "Max-Forwards": "Max-Forwards: 70",
    }
    start = f"{method} {options.get('uri', uri)} {options.get('version', 'SIP/2.0')}"
    return _message(start, headers, one, options.get("sdp", "sendrecv" if method == "INVITE" else ""))


def _response(one: Instruction, script: _Script, *, initial: bool) -> str:
    status = one.what
    if initial:
        tag = "" if status == "100" else f";tag=[pid]s[call_number]{one.options.get('fork', '')}"
        headers = {
            "Via": "Via:[$via]", "From": "From:[$from]", "To": f"To:[$to]{tag}",
            "Call-ID": "Call-ID: [call_id]", "CSeq": "CSeq:[$cseq]",
        }  # fmt: skip
    elif "saved" in one.options:
        headers = {name: f"{name}:[${key}]" for key, name in _KEPT.items() if name != "Contact"}
        headers["Call-ID"] = "Call-ID: [call_id]"
    else:
        headers = {name: f"[last_{name}:]" for name in ("Via", "From", "To", "Call-ID", "CSeq")}
    if initial or script.asked in ("INVITE", "UPDATE"):
        headers["Contact"] = "Contact: <sip:sipp@[local_ip]:[local_port];transport=[transport]>"
    reason = one.options.get("reason", "Reason")
    sdp = "sendrecv" if initial and status == "200" else ""
    return _message(f"SIP/2.0 {status} {reason}", headers, one, one.options.get("sdp", sdp))


def _message(start: str, headers: dict[str, str], one: Instruction, sdp: str) -> str:
    body = one.body if one.body is not None else _sdp(sdp)
    if body and one.body is None:
        headers["Content-Type"] = "Content-Type: application/sdp"
    headers["Content-Length"] = "Content-Length: [len]"
    added: list[str] = []
    for line in one.lines:
        name = line.partition(":")[0].strip()
        if line.startswith("-"):
            headers.pop(line[1:].strip(), None)
        elif " -> " in line:
            name, _, instead = line.partition(" -> ")
            headers[name] = instead
        elif name in headers:
            headers[name] = line
        else:
            added.append(line)
    length = headers.pop("Content-Length", None)
    lines = [start, *headers.values(), *added, *([length] if length else []), "", *body.split("\n")]
    return "\n".join(lines)


def _sdp(name: str) -> str:
    """The body called ``name``: a direction, ``zero`` (hold by address), ``group`` (multicast), ``moved``, ``video``,
    ``empty``.
    """
    host = {"zero": "0.0.0.0", "group": "224.2.0.1"}.get(name, "[media_ip]")
    head = _SDP.format(version=2353687637 if name == "sendrecv" else 2353687638, host=host)
    if name in _DIRECTIONS:
        return head + _AUDIO.format(port="[media_port]", direction=name)
    if name in ("zero", "group", "moved"):
        return head + _AUDIO.format(port="40100" if name == "moved" else "[media_port]", direction="sendrecv")
    if name == "video":
        return head + "m=video 40200 RTP/AVP 31\na=rtpmap:31 H261/90000\n"
    if name == "unspoken":
        return head + "m=audio [media_port] RTP/AVP 3\na=rtpmap:3 GSM/8000\n"
    return ""


def _expectation(one: Instruction, script: _Script) -> str:
    is_response = one.what.isdigit()
    attributes = f'response="{one.what}"' if is_response else f'request="{one.what.removeprefix("re")}"'
    if not is_response:
        script.asked = one.what.removeprefix("re")
    if "optional" in one.options:
        attributes += ' optional="true"'
    for name in ("auth", "rrs"):
        if name in one.options:
            attributes += f' {name}="true"'
    if "timeout" in one.options:
        attributes += f' timeout="{one.options["timeout"]}"'
    actions = [_check(line, script) for line in one.lines]
    if (one.what == "INVITE" and script.called) or "saved" in one.options:
        actions += [_keep(key, name) for key, name in _KEPT.items()]
        script.variables += ["junk", *_KEPT]
    if not actions:
        return f"  <recv {attributes}/>"
    return f"  <recv {attributes}>\n    <action>\n{''.join(actions)}    </action>\n  </recv>"


def _check(line: str, script: _Script) -> str:
    if line.startswith("keep "):
        variable, _, name = line.removeprefix("keep ").partition(": ")
        script.variables += ["junk", variable]
        return f'      <ereg regexp="^ *(.*)" search_in="hdr" header="{name}:" assign_to="junk,{variable}"/>\n'
    inverse = line.startswith("not ")
    name, _, pattern = line.removeprefix("not ").partition(":")
    where = 'search_in="msg"' if name in ("body", "message") else f'search_in="hdr" header="{name}:"'
    variable = f"check{len(script.variables)}"
    script.variables.append(variable)
    check = "check_it_inverse" if inverse else "check_it"
    return f'      <ereg regexp={quoteattr(pattern.strip())} {where} {check}="true" assign_to="{variable}"/>\n'


def _keep(key: str, name: str) -> str:
    if key == "contact":
        return '      <ereg regexp="sip:([^&gt;]*)" search_in="hdr" header="Contact:" assign_to="junk,contact"/>\n'
    return f'      <ereg regexp=".*" search_in="hdr" header="{name}:" assign_to="{key}"/>\n'


if __name__ == "__main__":
    print(expand((SCENARIOS / f"{sys.argv[1]}.xml").read_text(), lossy="--lossy" in sys.argv))
