"""Pulling: a file at an address is fetched whole, once, from permitted hosts, or not at all."""

import gzip
import hashlib
import json
import multiprocessing
import random
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from opendata.errors import SourceError
from opendata.settings import Pulling
from opendata.source import Pull, Source
from resources.landing import Landing
from resources.pull import pull
from resources.pulled import Pulled
from tests.resources.sites import Answering, Exchange, Site, certificate
from tests.support import a_dataset

BODY = "编号,名称\n1,甲\n".encode() * 4000
STRONG = {"ETag": '"v1"', "Last_Modified": "Mon, 05 Jan 2026 00:00:00 GMT"}


def source(url: str) -> Source:
    return Source(id="main", columns=(("no", "编号"),), pull=Pull(url=url))


def fetched(url: str, limits: Pulling, into: Path, **changes: Any) -> Pulled:
    given: dict[str, Any] = {"sleep": lambda _: None, "stall_seconds": 5.0} | changes
    return pull(source(url), limits, into=into, **given)


def visible(into: Path) -> list[str]:
    return sorted(each.name for each in into.iterdir() if not each.name.startswith("."))


def in_turn(*answers: Answering) -> Answering:
    """Each request gets the next answer, and the last one from then on."""
    left = list(answers)

    def answer(exchange: Exchange) -> None:
        (left.pop(0) if len(left) > 1 else left[0])(exchange)

    return answer


def whole(exchange: Exchange) -> None:
    exchange.says(200, BODY, **STRONG)


def resumable(exchange: Exchange) -> None:
    asked = exchange.headers["Range"]
    if asked and exchange.headers["If-Range"] == STRONG["ETag"]:
        start = int(asked.removeprefix("bytes=").removesuffix("-"))
        span = f"bytes {start}-{len(BODY) - 1}/{len(BODY)}"
        exchange.says(206, BODY[start:], **STRONG, Content_Range=span)
    else:
        whole(exchange)


def cut(exchange: Exchange) -> None:
    exchange.begins(200, Content_Length=str(len(BODY)), **STRONG)
    exchange.wfile.write(BODY[:30_000])
    exchange.breaks_off()


def busy(exchange: Exchange) -> None:
    exchange.says(503)


@pytest.fixture
def into(tmp_path: Path) -> Path:
    return tmp_path / "collected" / "parks" / "main"


@pytest.fixture
def kept(into: Path) -> Path:
    """A file from an earlier pull, which a failing one must leave alone."""
    into.mkdir(parents=True)
    path = into / "parks.csv"
    path.write_bytes(b"before")
    return path


@pytest.fixture
def elsewhere() -> Iterator[Site]:
    with Site(whole) as site:
        yield site


def test_a_file_is_fetched_as_it_is_and_called_by_the_end_of_its_path(into: Path) -> None:
    with Site(whole) as site:
        done = fetched(site.url("/open/企业 登记.csv?token=s3cret"), site.limits(), into)

    assert visible(into) == ["企业_登记.csv"]
    assert done.path.read_bytes() == BODY
    assert (done.size, done.sha256) == (len(BODY), hashlib.sha256(BODY).hexdigest())
    assert done.changed
    assert done.path.stat().st_mode & 0o777 == 0o600


def test_what_is_known_of_the_file_lies_beside_it_without_the_query(into: Path) -> None:
    with Site(whole) as site:
        fetched(site.url("/parks.csv?token=s3cret"), site.limits(), into)

    told = json.loads((into / ".pulled.json").read_text())
    assert (told["etag"], told["last-modified"]) == ('"v1"', "Mon, 05 Jan 2026 00:00:00 GMT")
    assert (told["size"], told["name"]) == (len(BODY), "parks.csv")
    assert "s3cret" not in "".join(
        each.read_text() for each in into.iterdir() if each.name.startswith(".")
    )


def test_an_unchanged_file_is_not_sent_again(into: Path) -> None:
    def answer(exchange: Exchange) -> None:
        known = exchange.headers["If-None-Match"] == STRONG["ETag"]
        exchange.says(304) if known else whole(exchange)

    with Site(answer) as site:
        first = fetched(site.url("/parks.csv"), site.limits(), into)
        before = first.path.stat()
        second = fetched(site.url("/parks.csv"), site.limits(), into)

    assert site.headers[1]["if-modified-since"] == STRONG["Last_Modified"]
    assert not second.changed
    assert (second.sha256, second.size) == (first.sha256, first.size)
    assert first.path.stat() == before


def test_the_same_bytes_sent_again_leave_the_file_untouched(into: Path) -> None:
    with Site(whole) as site:
        first = fetched(site.url("/parks.csv"), site.limits(), into)
        before = first.path.stat().st_mtime_ns
        second = fetched(site.url("/parks.csv"), site.limits(), into)

    assert not second.changed
    assert first.path.stat().st_mtime_ns == before


def test_a_file_that_somebody_touched_is_fetched_anew(into: Path) -> None:
    with Site(whole) as site:
        fetched(site.url("/parks.csv"), site.limits(), into).path.write_bytes(b"touched")
        done = fetched(site.url("/parks.csv"), site.limits(), into)

    assert "if-none-match" not in site.headers[1]
    assert done.changed
    assert done.path.read_bytes() == BODY


def test_another_address_takes_the_place_of_the_file_before(into: Path, kept: Path) -> None:
    with Site(whole) as site:
        fetched(site.url("/open/zoo.csv"), site.limits(), into)

    assert visible(into) == ["zoo.csv"]
    assert not kept.exists()


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/", "download"),
        ("/a/%2e%2e%2fpasswd", "passwd"),
        ("/.hidden", "hidden"),
        ("/~$x.xlsx", "x.xlsx"),
        (f"/{'长' * 120}.csv", None),
    ],
    ids=["none", "upwards", "hidden", "lock", "long"],
)
def test_a_name_from_outside_is_made_safe(into: Path, path: str, name: str | None) -> None:
    with Site(whole) as site:
        done = fetched(site.url(path), site.limits(), into)

    assert done.path.parent == into
    assert visible(into) == [name or done.path.name]
    assert done.path.name.endswith(name or "长.csv")


def test_what_was_pulled_is_what_is_landed(into: Path) -> None:
    with Site(whole) as site:
        done = fetched(site.url("/parks.csv"), site.limits(), into)
        dataset = a_dataset(id="parks", sources=(source(site.url("/parks.csv")),))
    collected = into.parents[1]

    landing = Landing(collected / "inbox", collected / "landed", collected)

    assert [each.path for each in landing.probe(dataset)] == [done.path]


def test_a_broken_download_is_continued_where_it_broke_off(into: Path) -> None:
    with Site(in_turn(cut, resumable)) as site:
        done = fetched(site.url("/parks.csv"), site.limits(), into)

    assert site.headers[1]["range"] == "bytes=30000-"
    assert site.headers[1]["if-range"] == '"v1"'
    assert done.path.read_bytes() == BODY


def test_what_a_failed_pull_got_is_where_the_next_pull_begins(into: Path, kept: Path) -> None:
    with Site(in_turn(cut, resumable)) as site:
        with pytest.raises(SourceError, match="the connection ended before all was sent"):
            fetched(site.url("/parks.csv"), site.limits(retries=0), into)
        between = kept.read_bytes()
        done = fetched(site.url("/parks.csv"), site.limits(retries=0), into)

    assert between == b"before"
    assert site.headers[1]["range"] == "bytes=30000-"
    assert done.path.read_bytes() == BODY


def test_a_file_that_changed_meanwhile_is_not_glued_to_the_old_beginning(into: Path) -> None:
    newer = b"newer\n" * 9000

    with Site(in_turn(cut, lambda each: each.says(200, newer, ETag='"v2"'))) as site:
        done = fetched(site.url("/parks.csv"), site.limits(), into)

    assert done.path.read_bytes() == newer


@pytest.mark.parametrize(
    ("span", "tag"),
    [
        (f"bytes 0-{len(BODY) - 1}/{len(BODY)}", '"v1"'),
        (f"bytes 30000-40000/{len(BODY)}", '"v1"'),
        (f"bytes 30000-{len(BODY) - 1}/{len(BODY)}", '"v2"'),
        (f"bytes 30000-{len(BODY) - 1}/*", '"v1"'),
    ],
    ids=["elsewhere", "a part", "of another", "of unknown length"],
)
def test_a_rest_that_does_not_fit_is_not_taken(into: Path, span: str, tag: str) -> None:
    def unfitting(exchange: Exchange) -> None:
        exchange.says(206, BODY[30_000:], ETag=tag, Content_Range=span)

    with Site(in_turn(cut, unfitting, whole)) as site:
        done = fetched(site.url("/parks.csv"), site.limits(), into)

    assert "range" not in site.headers[2]
    assert done.path.read_bytes() == BODY


def test_without_a_strong_validator_a_broken_download_begins_anew(into: Path) -> None:
    def weak(exchange: Exchange) -> None:
        exchange.begins(200, Content_Length=str(len(BODY)), ETag='W/"v1"')
        exchange.wfile.write(BODY[:30_000])
        exchange.breaks_off()

    with Site(in_turn(weak, whole)) as site:
        done = fetched(site.url("/parks.csv"), site.limits(), into)

    assert "range" not in site.headers[1]
    assert done.path.read_bytes() == BODY


def test_a_killed_pull_is_continued_from_what_was_on_the_disk(into: Path) -> None:
    large = random.Random(1).randbytes(40 << 20)

    def hanging(exchange: Exchange) -> None:
        exchange.begins(200, Content_Length=str(len(large)), ETag='"big"')
        exchange.wfile.write(large[: 36 << 20])
        exchange.stalls()

    def rest(exchange: Exchange) -> None:
        start = int(exchange.headers["Range"].removeprefix("bytes=").removesuffix("-"))
        span = f"bytes {start}-{len(large) - 1}/{len(large)}"
        exchange.says(206, large[start:], ETag='"big"', Content_Range=span)

    with Site(in_turn(hanging, rest)) as site:
        url, limits = site.url("/large.bin"), site.limits()
        killed = multiprocessing.get_context("spawn").Process(
            target=fetched, args=(url, limits, into), kwargs={"sleep": None}
        )
        killed.start()
        while not (into / ".partial.json").exists():
            killed.join(0.05)
        killed.kill()
        killed.join()
        done = fetched(url, limits, into)

    assert int(site.headers[1]["range"].removeprefix("bytes=").removesuffix("-")) >= 32 << 20
    assert done.path.read_bytes() == large


@pytest.mark.parametrize("how", ["cut", "chunked", "stalled", "silent"])
def test_a_server_that_stops_in_the_middle_leaves_the_file_before(
    into: Path, kept: Path, how: str
) -> None:
    def answer(exchange: Exchange) -> None:
        if how == "chunked":
            exchange.begins(200, Transfer_Encoding="chunked")
            exchange.wfile.write(b"400\r\n" + BODY[:1024] + b"\r\n400\r\n" + BODY[:512])
            exchange.breaks_off()
        elif how == "silent":
            exchange.stalls()
        else:
            exchange.begins(200, Content_Length=str(len(BODY)))
            exchange.wfile.write(BODY[:1000])
            exchange.stalls() if how == "stalled" else exchange.breaks_off()

    with Site(answer) as site, pytest.raises(SourceError) as refused:
        fetched(site.url("/parks.csv?token=s3cret"), site.limits(), into, stall_seconds=0.2)

    why = (
        "it stalled" if how in {"stalled", "silent"} else "the connection ended before all was sent"
    )
    place = site.url("/parks.csv")
    assert str(refused.value) == (
        f"{place}: {why}, at attempt 3 of 3; what was there before is kept, try again later"
    )
    assert refused.value.reason == (
        f"地址“{place}”连续 3 次未能取完数据，原有数据保持不变，请稍后再试。"
    )
    assert kept.read_bytes() == b"before"
    assert len(site.asked) == 3


def test_an_answer_without_an_end_is_refused(into: Path) -> None:
    def answer(exchange: Exchange) -> None:
        exchange.begins(200, Connection="close")
        exchange.wfile.write(BODY)
        exchange.breaks_off()

    with Site(answer) as site, pytest.raises(SourceError, match="does not say where its answer"):
        fetched(site.url("/parks.csv"), site.limits(), into)


def test_an_empty_answer_leaves_the_file_before(into: Path, kept: Path) -> None:
    with (
        Site(lambda each: each.says(200)) as site,
        pytest.raises(SourceError, match="it sends nothing") as refused,
    ):
        fetched(site.url("/parks.csv"), site.limits(), into)

    assert refused.value.reason.endswith("没有返回任何数据，原有数据保持不变，请向提供方核实。")
    assert kept.read_bytes() == b"before"


def test_waits_grow_and_a_server_may_ask_for_longer_ones(into: Path) -> None:
    waits: list[float] = []
    dated = {"Date": "Mon, 05 Jan 2026 00:00:00 GMT"}

    def limited(exchange: Exchange) -> None:
        exchange.says(429, Retry_After="7")

    def until(exchange: Exchange) -> None:
        exchange.send_response_only(503)
        for name, each in (dated | {"Retry-After": "Mon, 05 Jan 2026 00:00:30 GMT"}).items():
            exchange.send_header(name, each)
        exchange.send_header("Content-Length", "0")
        exchange.end_headers()

    endless = in_turn(busy, busy, limited, until, lambda x: x.says(503, Retry_After="86400"), whole)
    with Site(endless) as site:
        fetched(site.url("/parks.csv"), site.limits(retries=5), into, sleep=waits.append)

    assert waits == [1.0, 2.0, 7.0, 30.0, 120.0]


def test_a_server_error_that_lasts_is_told(into: Path) -> None:
    with Site(busy) as site, pytest.raises(SourceError, match="it answers 503, at attempt 3 of 3"):
        fetched(site.url("/parks.csv"), site.limits(), into)

    assert len(site.asked) == 3


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 204])
def test_a_refusal_is_not_asked_again(into: Path, status: int) -> None:
    told = pytest.raises(SourceError, match=f"it answers {status}; check the address")
    with Site(lambda each: each.says(status)) as site, told:
        fetched(site.url("/parks.csv"), site.limits(), into)

    assert len(site.asked) == 1


def test_nobody_there_is_tried_again_and_told(into: Path) -> None:
    with Site(whole) as site:
        url, limits = site.url("/parks.csv"), site.limits()
    waits: list[float] = []

    with pytest.raises(SourceError, match="at attempt 3 of 3"):
        fetched(url, limits, into, sleep=waits.append)

    assert waits == [1.0, 2.0]


def test_more_than_the_cap_is_not_fetched(into: Path, kept: Path) -> None:
    def announced(exchange: Exchange) -> None:
        exchange.begins(200, Content_Length=str(3 << 20))

    with Site(announced) as site, pytest.raises(SourceError) as refused:
        fetched(site.url("/parks.csv"), site.limits(max_megabytes=1), into)

    assert str(refused.value).endswith(
        "it sends more than the 1 MB that are allowed here; raise `pulling.max_megabytes` in "
        "opendata.yaml, or ask for less"
    )
    assert refused.value.reason.endswith("超过允许的 1 MB，请缩小范围或调整上限。")
    assert kept.read_bytes() == b"before"


@pytest.mark.parametrize("bomb", [True, False], ids=["bomb", "endless"])
def test_the_cap_holds_for_what_was_not_announced(into: Path, *, bomb: bool) -> None:
    def answer(exchange: Exchange) -> None:
        content = gzip.compress(bytes(64 << 20)) if bomb else bytes(4 << 20)
        encoding = {"Content_Encoding": "gzip"} if bomb else {}
        exchange.begins(200, Transfer_Encoding="chunked", **encoding)
        exchange.wfile.write(f"{len(content):x}\r\n".encode() + content + b"\r\n0\r\n\r\n")

    with Site(answer) as site, pytest.raises(SourceError, match="more than the 1 MB"):
        fetched(site.url("/parks.csv"), site.limits(max_megabytes=1), into)

    assert (into / ".partial").stat().st_size <= 1 << 20


def test_what_was_compressed_for_the_way_is_unpacked(into: Path) -> None:
    def answer(exchange: Exchange) -> None:
        exchange.says(200, gzip.compress(BODY), Content_Encoding="gzip", **STRONG)

    with Site(answer) as site:
        done = fetched(site.url("/parks.csv"), site.limits(), into)

    assert site.headers[0]["accept-encoding"] == "identity"
    assert done.path.read_bytes() == BODY


def test_damaged_compression_is_not_taken(into: Path) -> None:
    def answer(exchange: Exchange) -> None:
        exchange.says(200, gzip.compress(BODY)[:-9] + b"garbage!!", Content_Encoding="gzip")

    with Site(answer) as site, pytest.raises(SourceError, match="at attempt 3 of 3"):
        fetched(site.url("/parks.csv"), site.limits(), into)


def test_an_unknown_compression_is_refused(into: Path) -> None:
    with (
        Site(lambda each: each.says(200, BODY, Content_Encoding="br")) as site,
        pytest.raises(SourceError, match="a compression nobody asked for"),
    ):
        fetched(site.url("/parks.csv"), site.limits(), into)


@pytest.mark.parametrize("where", ["headers", "body", "body over tls"])
def test_a_server_that_drips_is_cut_off_in_time(
    into: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    def answer(exchange: Exchange) -> None:
        exchange.close_connection = True
        if where != "headers":
            exchange.begins(200, Content_Length=str(len(BODY)))
        else:
            exchange.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        while not exchange.server.done.wait(0.02):
            exchange.wfile.write(b"x")

    trusted, served = certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    with (
        Site(answer, tls=served if "tls" in where else None) as site,
        pytest.raises(SourceError) as refused,
    ):
        fetched(site.url("/parks.csv"), site.limits(max_seconds=1), into)

    assert str(refused.value).endswith(
        "it was not fetched within 1 seconds; raise `pulling.max_seconds` in opendata.yaml, or ask "
        "for less"
    )
    assert refused.value.reason.endswith("未能在 1 秒内取完，请缩小范围或调整时限。")


def test_a_host_that_is_not_listed_is_never_asked(into: Path, elsewhere: Site) -> None:
    with pytest.raises(SourceError) as refused:
        fetched(elsewhere.url("/parks.csv?token=s3cret"), Pulling(hosts=("a.cn",)), into)

    place = elsewhere.url("/parks.csv")
    assert str(refused.value) == (
        f"{place}: the host '127.0.0.1:{elsewhere.port}' is not listed under `pulling.hosts` in "
        "opendata.yaml; add it there, with its port where it is not the usual one, or correct the "
        "address"
    )
    assert refused.value.reason == (
        f"地址“{place}”的主机不在允许拉取的名单中，请数据管理员核实后列入。"
    )
    assert elsewhere.asked == []


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.0.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "2130706433",
        "0x7f000001",
        "127.1",
        "[::1]",
        "[::]",
        "[fe80::1]",
        "[fd00::1]",
        "[ff02::1]",
        "[::ffff:127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
    ],
)
def test_a_listed_host_inside_a_private_network_is_refused(into: Path, host: str) -> None:
    with pytest.raises(SourceError, match="private, loopback or reserved network"):
        fetched(f"http://{host}:8080/parks.csv", Pulling(hosts=(f"{host}:8080",)), into)


def test_a_redirect_to_a_listed_host_is_followed(into: Path, elsewhere: Site) -> None:
    def answer(exchange: Exchange) -> None:
        exchange.says(302, Location=elsewhere.url("/real.csv?signature=s"))

    with Site(answer) as site:
        both = (site.host, elsewhere.host)
        limits = Pulling(hosts=both, private_hosts=both)
        done = fetched(site.url("/parks.csv"), limits, into)

    assert elsewhere.asked == ["/real.csv?signature=s"]
    assert done.path.name == "parks.csv"


@pytest.mark.parametrize(
    ("target", "why"),
    [
        ("http://unlisted.example.cn/x", "not listed"),
        ("http://10.0.0.1/x", "private"),
        ("http://[::ffff:127.0.0.1]/x", "private"),
        ("http://localhost:{port}/x", "private"),
        ("file:///etc/passwd", "no http"),
        ("http://u:s3cret@127.0.0.1:{port}/x", "user name or password"),
        ("", "without saying where"),
    ],
    ids=["unlisted", "private", "mapped", "loopback by name", "file", "password", "nowhere"],
)
def test_a_redirect_is_checked_like_any_address(into: Path, target: str, why: str) -> None:
    with Site(lambda each: each.says(302, Location=target.format(port=each.server.port))) as site:
        limits = site.limits(
            hosts=(site.host, "10.0.0.1", "[::ffff:127.0.0.1]", f"localhost:{site.port}")
        )
        with pytest.raises(SourceError, match=why) as refused:
            fetched(site.url("/parks.csv"), limits, into)

    assert "s3cret" not in str(refused.value)
    assert len(site.asked) == 1


def test_a_redirect_in_circles_ends(into: Path) -> None:
    told = pytest.raises(SourceError, match="redirects more than 5 times")
    with Site(lambda each: each.says(301, Location="/again")) as site, told:
        fetched(site.url("/parks.csv"), site.limits(), into)

    assert len(site.asked) == 6


def test_a_password_in_the_address_is_refused_and_not_repeated(into: Path) -> None:
    with pytest.raises(SourceError, match="user name or password") as refused:
        fetched("https://clerk:s3cret@data.example.gov.cn/x", Pulling(), into)

    assert "s3cret" not in str(refused.value) + refused.value.reason
    assert "clerk" not in str(refused.value) + refused.value.reason


def test_a_name_is_asked_for_once_and_the_answer_is_where_the_connection_goes(
    into: Path, elsewhere: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolve = socket.getaddrinfo
    asked: list[str] = []

    def rebinding(host: Any, port: Any, *rest: Any, **named: Any) -> Any:
        if host != "data.example.gov.cn":
            return resolve(host, port, *rest, **named)
        asked.append(host)
        machine = "127.0.0.1" if len(asked) == 1 else "127.0.0.2"
        return resolve(machine, port, *rest, **named)

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    host = f"data.example.gov.cn:{elsewhere.port}"
    fetched(f"http://{host}/x", Pulling(hosts=(host,), private_hosts=(host,)), into)

    assert asked == ["data.example.gov.cn"]
    assert elsewhere.headers[0]["host"] == host


def test_a_name_nobody_knows_is_told(into: Path) -> None:
    with pytest.raises(SourceError, match="its host has no address now"):
        fetched("http://nowhere.invalid/x", Pulling(hosts=("nowhere.invalid",)), into)


def test_over_tls_the_name_is_verified_and_not_the_machine(
    into: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trusted, served = certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))

    with Site(whole, tls=served) as site:
        hosts = (f"localhost:{site.port}",)
        limits = site.limits(hosts=hosts, private_hosts=hosts)
        done = fetched(site.url("/parks.csv", host="localhost"), limits, into)

    assert done.path.read_bytes() == BODY
    assert site.headers[0]["host"] == f"localhost:{site.port}"


@pytest.mark.parametrize("name", ["another.example.cn", "localhost"], ids=["name", "authority"])
def test_a_certificate_that_is_not_trusted_is_refused_at_once(
    into: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    trusted, served = certificate(tmp_path, name=name)
    if name != "localhost":
        monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    waits: list[float] = []

    with Site(whole, tls=served) as site:
        hosts = (f"localhost:{site.port}",)
        limits = site.limits(hosts=hosts, private_hosts=hosts)
        with pytest.raises(SourceError, match="its certificate is not trusted"):
            fetched(site.url("/x", host="localhost"), limits, into, sleep=waits.append)

    assert waits == []
    assert site.asked == []


def test_a_way_back_from_https_to_http_is_refused(
    into: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, elsewhere: Site
) -> None:
    trusted, served = certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))

    with Site(lambda each: each.says(302, Location=elsewhere.url("/x")), tls=served) as site:
        hosts = (f"localhost:{site.port}", elsewhere.host)
        limits = site.limits(hosts=hosts, private_hosts=hosts)
        with pytest.raises(SourceError, match="redirects from https to http"):
            fetched(site.url("/x", host="localhost"), limits, into)

    assert elsewhere.asked == []


def test_odd_headers_are_not_logged_with_the_address(
    into: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def answer(exchange: Exchange) -> None:
        exchange.wfile.write(b"HTTP/1.1 200 OK\r\nno colon here\r\nContent-Length: 2\r\n\r\nab")
        exchange.breaks_off()

    with Site(answer) as site, pytest.raises(SourceError):
        fetched(site.url("/x?token=s3cret"), site.limits(retries=0), into)

    assert "s3cret" not in caplog.text
