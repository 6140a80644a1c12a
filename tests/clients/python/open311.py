"""Foreign Open311 clients against a live door: what each was told, as one JSON object on stdout.

    open311.py {fill|georeport|civicbot|upload|chicagorequests|both} BASE KEY

The clients are what PyPI has, unchanged. They are told where the door is by what they offer for that: an address, an
endpoint of their registry, and for chicagorequests, which knows one city alone, its class's BASE_URL.
"""

import datetime
import json
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
import xml.etree.ElementTree as ET

BASE, KEY = sys.argv[2], sys.argv[3]
WORDS = "井盖没了 <b>&amp;</b> ]]> 我叫王小明"
# Reports of one feed beyond a page of 200 rows.
MANY = 203


def asked(path, fields=None):
    """Status, content type and bytes of an answer."""
    data = None if fields is None else urllib.parse.urlencode(fields, doseq=True).encode()
    try:
        with urllib.request.urlopen(urllib.request.Request(f"{BASE}/{path}", data=data)) as answer:
            return answer.status, answer.headers["content-type"], answer.read()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.headers["content-type"], refused.read()


def taken_over():
    """Waits until the engine has read the file of keys again."""
    for _ in range(200):
        if asked(f"requests.json?api_key={KEY}", {"lat": "1"})[0] != 403:
            return
        time.sleep(0.1)
    raise SystemExit("the key was never taken over")


def fill():
    taken_over()
    numbers = []
    for nth in range(MANY):
        fields = {
            "api_key": KEY, "service_code": "other", "address_id": "900001001001001",
            "description": f"第{nth}个坑",
        }
        status, _, body = asked("requests.json", fields)
        assert status == 200, body
        numbers.append(json.loads(body)[0]["service_request_id"])
    return {"numbers": numbers}


def georeport():
    from georeport import GeoReport

    told = {}
    for form in ("json", "xml"):
        client = GeoReport(BASE, jurisdiction="900001", output_format=form)
        rows = client.get_service_requests(service_code="other", status="open")
        first = rows[0]["service_request_id"]
        told[form] = {
            "services": [one["service_code"] for one in client.get_service_list()],
            "definition": client.get_service_definition("road.manhole"),
            "rows": len(rows),
            "one": client.get_service_request(first)["service_request_id"] == first,
            "due": rows[0]["expected_datetime"],
        }
    return told


def civicbot():
    from civicbot import Endpoint, HttpTransport, Open311Client, ValidationError
    from civicbot.http import RateLimiter

    taken_over()
    endpoint = Endpoint(id="sample", name="Sample", base_url=BASE, write=True)
    client = Open311Client(endpoint, HttpTransport(rate_limiter=RateLimiter(0.0)))

    def sent(condition):
        return client.create_request(
            "road.manhole", dry_run=False, confirm="SEND", api_key=KEY, validate_remote=True, lat=36.0501,
            lng=120.3502, description=WORDS, attributes={"condition": condition, "colour": ["red", "blue"]},
            first_name="小明", last_name="王", phone="13900000042", email="wang@example.com",
        ).response[0]

    first, again = sent("missing"), sent("missing")
    try:
        wrong = sent("gone")
    except ValidationError as error:
        wrong = error.problems
    number = first["service_request_id"]
    return {
        "first": first, "again": again, "wrong": wrong,
        "one": client.get_request(number),
        "token": client.get_token(number),
        "page": [row["service_request_id"] for row in client.list_requests(status="open", page_size=2)],
        "by_number": [row["service_request_id"] for row in client.list_requests(service_request_ids=[number, "0-9999"])],
    }


def chicagorequests():
    import chicagorequests

    class Here(chicagorequests.Downloader):
        BASE_URL = f"{BASE}/requests.json"

    zone = datetime.timezone(datetime.timedelta(hours=-5))
    now = datetime.datetime.now(zone)
    last = datetime.datetime.combine(now, datetime.time.max).replace(tzinfo=zone)
    # Yesterday too: midnight may lie between the reports.
    first = datetime.datetime.combine(now - datetime.timedelta(days=1), datetime.time.min).replace(tzinfo=zone)
    days = list(chicagorequests.day_intervals(first, last))
    rows = [row for day in days for row in Here(request_type=["other"])(day)]
    updated = [row for day in days for row in Here(["other"], str(first), str(last))(day)]
    later = [row for day in days for row in Here(["other"], str(last), str(last))(day)]
    return {"days": len(days), "numbers": [row["service_request_id"] for row in rows], "updated": len(updated),
            "later": len(later)}


def upload():
    """A photograph as the library that most clients in Python send with sends it."""
    import requests

    fields = {"api_key": KEY, "service_code": "road.manhole", "attribute[condition]": "missing", "lat": "36.05",
              "long": "120.35", "description": WORDS}
    photo = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 1000
    files = [("media[]", ("井盖.png", photo, "image/png")), ("media[]", ("again.png", photo, "image/png"))]
    told = requests.post(f"{BASE}/requests.xml", data=fields, files=files)
    return {"status": told.status_code, "number": ET.fromstring(told.content).findtext(".//service_request_id")}


def same(value, element):
    """Whether JSON says what XML says: an array is what repeats one name, null is an empty element."""
    children = list(element)
    if isinstance(value, list):
        return (len(value) == len(children) and len({child.tag for child in children}) <= 1
                and all(same(one, child) for one, child in zip(value, children)))
    if isinstance(value, dict):
        named = {child.tag: child for child in children}
        return len(named) == len(children) and named.keys() == value.keys() and all(
            same(one, named[name]) for name, one in value.items())
    if isinstance(value, bool):
        value = str(value).lower()
    text = element.text or ""
    return not children and (float(text) == value if isinstance(value, (int, float)) else text == (value or ""))


def both():
    """Every address in both forms, parsed by a parser that the project has not written."""
    hostile = urllib.parse.quote("<b>&\"'\x0b]]>喂")
    told = {}
    for path, query in [
        ("discovery", ""), ("services", ""), ("services/road.manhole", ""), ("service/road.manhole", ""),
        ("services/other", ""), ("requests", ""), ("requests", "?page_size=1&status=open"), ("requests/0-1", ""),
        ("request/0-1", ""), ("tokens/0-1", ""), ("requests", "?service_request_id=0-9999"),
        ("servicerequestupdates", ""), (f"services/{hostile}", ""), ("requests", f"?status={hostile}&page=-1"),
        ("requests/0-9999", ""), ("nothing", ""),
    ]:
        xml, json_ = (asked(f"{path}.{form}{query}") for form in ("xml", "json"))
        assert xml[2].startswith(b'<?xml version="1.0" encoding="utf-8"?>'), xml
        told[path + query] = [
            xml[0], json_[0], xml[1], json_[1], ET.fromstring(xml[2]).tag,
            same(json.loads(json_[2]), ET.fromstring(xml[2])),
        ]
    return told


print(json.dumps({name.__name__: name for name in (fill, georeport, civicbot, upload, chicagorequests, both)}[sys.argv[1]]()))
