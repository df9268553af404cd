#!/usr/bin/env python3
"""Opens pages that espdump writes in a headless Chromium, and uses them as a reader would.

browser_test.py ESPDUMP TESTDATA MAKE_CAPTURE [SCREENSHOTS]
SCREENSHOTS is a directory for pictures of what was looked at. Ends with 77 where there is no Chromium to drive.
"""
import json
import os
import pathlib
import shutil
import struct
import subprocess
import sys
import tempfile
import time

try:
    from selenium import webdriver
    from selenium.webdriver.chrome.options import Options
    from selenium.webdriver.chrome.service import Service
    from selenium.webdriver.common.by import By
    from selenium.webdriver.common.keys import Keys
except ImportError:
    print("python3-selenium is not installed: skipped")
    sys.exit(77)

espdump, testdata, make_capture = sys.argv[1], pathlib.Path(sys.argv[2]), sys.argv[3]
screenshots = pathlib.Path(sys.argv[4]) if len(sys.argv) > 4 else None
work = pathlib.Path(tempfile.mkdtemp(prefix="espdump-page-"))
failures = []


def check(what, condition, more=""):
    if not condition:
        failures.append(what)
        print(f"FAILED: {what} {more}")


def equal(what, got, wanted):
    check(what, got == wanted, f"(got {got!r}, wanted {wanted!r})")


def run_espdump(arguments):
    done = subprocess.run([espdump, *map(str, arguments)], capture_output=True, text=True, check=False)
    if done.returncode not in (0, 3):
        sys.exit(f"espdump {arguments}: exit {done.returncode}\n{done.stderr}")
    return done.stdout


def page_of(name, captures, keys=(), *options):
    page = work / (name + ".html")
    run_espdump([*captures, *[part for key in keys for part in ("--keys", key)], "-q", "--html", page, *options])
    return page


def packets_of(captures, keys=()):
    """What --json says of each packet."""
    lines = run_espdump([*captures, *[part for key in keys for part in ("--keys", key)], "--json"]).splitlines()
    return [packet for packet in map(json.loads, lines) if packet["type"] == "packet"]


def start():
    chromium, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if chromium is None or driver is None:
        print("chromium and chromedriver are not installed: skipped")
        sys.exit(77)
    options = Options()
    options.binary_location = chromium
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                     f"--user-data-dir={work}/profile"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    browser = webdriver.Chrome(service=Service(driver), options=options)
    browser.set_window_size(1200, 900)
    return browser


class Reader:
    """Somebody who looks at one page."""

    def __init__(self, browser, page, anchor=""):
        self.browser = browser
        browser.get("about:blank")
        browser.get(page.as_uri() + anchor)
        equal(f"{page.name}: its script ran to the end",
              self.run("return document.documentElement.dataset.ready"), "yes")
        self.name = page.name

    def run(self, script, *arguments):
        return self.browser.execute_script(script, *arguments)

    def find(self, selector):
        return self.browser.find_element(By.CSS_SELECTOR, selector)

    def all(self, selector):
        return self.browser.find_elements(By.CSS_SELECTOR, selector)

    def complaints(self):
        return [entry["message"] for entry in self.browser.get_log("browser")]

    def chosen(self):
        # In one step, for the list may be drawn anew at any moment.
        return self.run("const rows = document.querySelectorAll('.row[aria-selected=true]');"
                        "return rows.length === 1 ? rows[0].textContent.trim().split(/\\s+/)[0] : null")

    def filter(self, text):
        """Types a filter; returns what is said of it."""
        box = self.find("#filter")
        box.send_keys(Keys.CONTROL, "a")
        box.send_keys(Keys.DELETE)
        box.send_keys(text)
        self.run("document.getElementById('filter').dispatchEvent(new Event('input'))")
        self.wait_for(f"filter {text[:20]} is applied", lambda: self.run(
            "const box = document.getElementById('filter'); return box.dataset.applied === box.value"))
        return self.find("#filter-state").text

    def wait_for(self, what, condition):
        for _ in range(200):
            if condition():
                return
            time.sleep(0.1)
        check(what, False)

    def picture(self, name):
        if screenshots is not None:
            screenshots.mkdir(parents=True, exist_ok=True)
            self.browser.save_screenshot(str(screenshots / (name + ".png")))


def scenario(name):
    directory = testdata / "captures" / name
    return [directory / "wire.pcap"], [directory / "xfrm-state.txt"]


def opens_in_any_state(browser):
    """Every capture of testdata makes a page that opens without a word on the console, and fetches nothing."""
    pages = 0
    for directory in sorted((testdata / "captures").iterdir()):
        wire = directory / "wire.pcap"
        if not wire.exists():
            continue
        keys = [key for key in (directory / "xfrm-state.txt",) if key.exists()]
        page = page_of(directory.name, [wire], keys)
        reader = Reader(browser, page)
        equal(f"{page.name}: nothing on the console", reader.complaints(), [])
        equal(f"{page.name}: nothing is fetched",
              reader.run("return performance.getEntriesByType('resource').length"), 0)
        equal(f"{page.name}: every picture has a name and a description",
              reader.run("return [...document.querySelectorAll('svg')].filter(one => !one.getAttribute('aria-label') "
                         "|| !one.querySelector('desc').textContent).length"), 0)
        equal(f"{page.name}: no number of a picture is broken",
              reader.run("return [...document.querySelectorAll('svg *')].filter(one => [...one.attributes]"
                         ".some(attribute => /nan|inf/.test(attribute.value) "
                         "&& attribute.name !== 'aria-label')).length"), 0)
        pages += 1
    check("many captures were opened", pages > 40, f"({pages})")


def finds_packets(browser):
    """From a finding to its packet, to a field of it, to its bytes, and back."""
    captures, keys = scenario("replay-and-icv")
    packets = packets_of(captures, keys)
    reader = Reader(browser, page_of("replay", captures, keys))
    equal("all packets are there", reader.find("#rows-shown").get_attribute("style"), f"height: {22 * len(packets)}px;")
    reader.find(".finding.error .frames a[href='#frame-42']").click()
    equal("a link of a finding chooses its packet", reader.chosen(), "42")
    check("its finding stands at its head", "icv.bad" in reader.find("#tree").text)
    reader.picture("finding")
    reader.run("document.querySelector('.finding figure a[href=\"#frame-60\"]')"
               ".dispatchEvent(new MouseEvent('click', {bubbles: true}))")
    reader.wait_for("a mark in a picture chooses its packet", lambda: reader.chosen() == "60")
    reader.find(".finding p.what a").click()
    reader.wait_for("frames in sentences lead there", lambda: reader.chosen() == "42")

    reader.find(".finding.error .frames a[href='#frame-48']").click()
    good = next(packet["frame"] for packet in packets if packet["frame"] > 60 and packet.get("inner"))
    reader.browser.execute_script(f"location.hash = '#frame-{good}'")
    reader.wait_for("an opened packet is chosen", lambda: reader.chosen() == str(good))
    tabs = reader.all("#tabs button")
    check("its bytes are there as captured and decrypted",
          len(tabs) == 2 and tabs[0].text.startswith("as captured") and tabs[1].text.startswith("decrypted"))
    spi = next(field for field in reader.all("#tree .field") if field.text.startswith("spi "))
    spi.click()
    marked = "".join(one.text for one in reader.all("#hex b"))[:12].replace(" ", "")
    equal("the bytes of a chosen field are marked", "0x" + marked[:8], packets[good - 1]["ipsec"][0]["spi"])
    inner = [one for one in reader.all("#tree .field") if one.text.startswith("protocol ")][-1]
    inner.click()
    equal("a field of what was decrypted shows those bytes", tabs[1].get_attribute("aria-selected"), "true")
    reader.find("#hex [data-offset='12']").click()  # the first byte of the source address
    check("a byte chooses its field", reader.find("#tree .chosen").text.startswith("source"),
          reader.find("#tree .chosen").text)
    reader.picture("bytes")
    equal("nothing on the console", reader.complaints(), [])


def filters(browser):
    """A filter lets through what the JSON says, and says what is wrong with it."""
    captures, keys = scenario("replay-and-icv")
    packets = packets_of(captures, keys)
    reader = Reader(browser, page_of("filters", captures, keys))

    def records(packet):
        return packet.get("ipsec", [])

    def replayed(packet):
        return "replay.duplicate" in packet["findings"]

    wanted = {
        "ipsec.icv == bad": lambda p: any(r["icv"] == "bad" for r in records(p)),
        "icv == bad && sa == 1": lambda p: any(r["icv"] == "bad" for r in records(p)) and
        any(r["sa"] == 1 for r in records(p)),
        "findings ~ replay": lambda p: any("replay" in code for code in p["findings"]),
        "ipsec.seq >= 40 ipsec.seq < 50": lambda p: any(r["seq"] >= 40 for r in records(p)) and
        any(r["seq"] < 50 for r in records(p)),
        "!ipsec": lambda p: not records(p),
        "not (icv == ok or icv == bad)": lambda p: not any(r["icv"] in ("ok", "bad") for r in records(p)),
        "spi == 0x00bad5b1": lambda p: any(r["spi"] == "0x00bad5b1" for r in records(p)),
        "frame==42||frame==60": lambda p: p["frame"] in (42, 60),
        "findings == replay.duplicate && length > 150": lambda p: replayed(p) and p["length"] > 150,
        "icv != ok": lambda p: records(p) and not any(r["icv"] == "ok" for r in records(p)),
    }
    for text, matches in wanted.items():
        count = sum(1 for packet in packets if matches(packet))
        check(f"filter {text}: something to see", 0 < count < len(packets))
        equal(f"filter {text}", reader.filter(text), f"{count} of {len(packets)}")
    said = reader.filter("BAD ICV")
    bad = sum(1 for packet in packets if any(r["icv"] == "bad" for r in records(packet)))
    equal("words are looked for in the line", said, f"{bad} of {len(packets)}")
    for text, part in {"nosuch == 1": "no packet here has a field", "icv ==": "compared with nothing",
                       "(icv == ok": "is missing", "icv == ok)": "cannot stand there", "&& icv": "cannot stand there",
                       "icv == \"ok": "cannot stand there", "(" * 200: "parentheses"}.items():
        said = reader.filter(text)
        check(f"filter {text[:20]}: said what is wrong", part in said, f"(said {said!r})")
        equal(f"filter {text[:20]}: marked", reader.find("#filter").get_attribute("aria-invalid"), "true")
    equal("an empty filter shows all", reader.filter(" "), "")
    reader.filter("frame == 60")
    reader.run("location.hash = '#frame-42'")
    reader.wait_for("a link to a packet that the filter hides takes it away",
                    lambda: reader.chosen() == "42" and reader.find("#filter").get_attribute("value") == "")
    equal("nothing on the console", reader.complaints(), [])


def keyboard(browser):
    captures, keys = scenario("replay-and-icv")
    packets = packets_of(captures, keys)
    reader = Reader(browser, page_of("keyboard", captures, keys))
    equal("the first packet is chosen", reader.chosen(), "1")
    page = reader.find("#list")
    page.send_keys(Keys.ARROW_DOWN, Keys.ARROW_DOWN)
    equal("arrows move", reader.chosen(), "3")
    page.send_keys(Keys.END)
    equal("End goes to the last", reader.chosen(), str(packets[-1]["frame"]))
    equal("what is chosen is told to a screen reader", page.get_attribute("aria-activedescendant"),
          f"row-{len(packets) - 1}")
    page.send_keys(Keys.ARROW_DOWN)
    equal("and no further", reader.chosen(), str(packets[-1]["frame"]))
    page.send_keys(Keys.PAGE_UP)
    check("Page Up goes back", int(reader.chosen()) < packets[-1]["frame"] - 5)
    page.send_keys(Keys.HOME)
    equal("Home goes to the first", reader.chosen(), "1")
    page.send_keys("/")
    equal("/ goes to the filter", reader.run("return document.activeElement.id"), "filter")
    field = reader.all("#tree .field[role=button]")[0]
    reader.run("arguments[0].closest('details').open = true; arguments[0].focus()", field)
    field.send_keys(Keys.ENTER)
    check("Enter marks the bytes of a field", len(reader.all("#hex b")) != 0)
    equal("nothing on the console", reader.complaints(), [])


def any_window(browser):
    """A phone has no need to scroll sideways; dark is dark."""
    captures, keys = scenario("mss-mtu-a-blackhole")
    page = page_of("window", captures, keys)
    reader = Reader(browser, page)
    light = reader.run("return getComputedStyle(document.body).backgroundColor")
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride",
                            {"width": 390, "height": 800, "deviceScaleFactor": 2, "mobile": True})
    reader = Reader(browser, page)
    equal("nothing is wider than a phone",
          reader.run("return document.documentElement.scrollWidth"), reader.run("return innerWidth"))
    equal("nothing is wider than a phone: its width", reader.run("return innerWidth"), 390)
    reader.picture("phone")
    browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia",
                            {"features": [{"name": "prefers-color-scheme", "value": "dark"}]})
    reader = Reader(browser, page)
    check("dark is dark", reader.run("return getComputedStyle(document.body).backgroundColor") != light)
    reader.picture("dark")
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    browser.get(page.as_uri() + "?")
    check("without scripts the findings are there", "mtu.blackhole" in browser.find_element(By.ID, "findings").text)
    check("and the packets say why they are not", "JavaScript" in browser.find_element(By.ID, "packets").text)
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


def hostile_capture(path, text):
    """An IKEv1 message in the clear whose identity is `text`."""
    body = bytes([2, 0, 0, 0]) + text  # ID_FQDN
    payload = bytes([0, 0]) + struct.pack("!H", 4 + len(body)) + body
    isakmp = bytes(range(1, 9)) + bytes(8) + bytes([5, 0x10, 4, 0]) + bytes(4) + \
        struct.pack("!I", 28 + len(payload)) + payload
    udp = struct.pack("!HHHH", 500, 500, 8 + len(isakmp), 0) + isakmp
    ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 1, 0, 64, 17, 0, bytes([192, 0, 2, 1]),
                     bytes([192, 0, 2, 2])) + udp
    path.write_bytes(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 101) +
                     struct.pack("<IIII", 1, 0, len(ip), len(ip)) + ip)


def hostile_text(browser):
    """What names and packets say is text, whatever it looks like."""
    text = b"</script><script>window.hacked=1</script><img src=x onerror=window.hacked=1>${hacked}"
    capture = work / "<img src=x onerror=hacked=1>.pcap"
    hostile_capture(capture, text)
    reader = Reader(browser, page_of("hostile", [capture]))
    equal("nothing on the console", reader.complaints(), [])
    equal("no picture was made", len(reader.all("img")), 0)
    equal("no script was run", reader.run("return window.hacked === undefined"), True)
    check("the identity is shown as it is", text.decode() in reader.find("#tree").text, reader.find("#tree").text)
    reader.run("const one = document.createElement('script'); one.textContent = 'window.hacked = 1'; "
               "document.body.append(one)")
    equal("a script that got in would not run", reader.run("return window.hacked === undefined"), True)
    reader.complaints()


def several_captures(browser):
    directory = testdata / "captures" / "mss-mtu-a-blackhole"
    captures = [directory / "wire.pcap", directory / "wire-g2.pcap"]
    reader = Reader(browser, page_of("several", captures, [directory / "xfrm-state.txt"]))
    plain = reader.find(".finding p.what a")
    check("frames are named without their capture where it is one", ":" not in plain.text)
    plain.click()
    reader.wait_for("and are found", lambda: reader.chosen() == plain.text)
    link = next(one for one in reader.all(".finding a") if ":" in one.text)
    link.click()
    reader.wait_for("frames are found in their captures", lambda: reader.chosen() == link.text.split(":")[1])
    packet = reader.run("return JSON.parse(document.getElementById('rows').textContent.trim().split('\\n')"
                        "[Number(document.querySelector('.row[aria-selected=true]').id.slice(4))]).packet")
    equal("and in the right one", packet["file"], str(captures[int(link.text.split(":")[0]) - 1]))
    equal("nothing on the console", reader.complaints(), [])


def large_captures(browser):
    """50,000 packets in a page are of use; of more than a page takes it says which are there."""
    for name, options in {"small": ("--packets", "300", "--size", "1400"),
                          "large": ("--packets", "50000", "--size", "64")}.items():
        (work / name).mkdir()
        subprocess.run([make_capture, str(work / name), *options], check=True, stdout=subprocess.DEVNULL)
    keys = [work / "small" / "xfrm-state.txt"]
    page = page_of("small", [work / "small" / "capture.pcap"], keys)
    check("a page of 300 full-size packets is below a megabyte", page.stat().st_size < 1_000_000,
          f"({page.stat().st_size})")
    captures, keys = [work / "large" / "capture.pcap"], [work / "large" / "xfrm-state.txt"]
    reader = Reader(browser, page_of("large", captures, keys, "--html-packets", "50000"))
    reader.find("#list").send_keys(Keys.END)
    equal("the last of 50,000 packets", reader.chosen(), "50000")
    check("its fields are there", "Encapsulating Security Payload" in reader.find("#tree").text)
    check("only what is seen was drawn", len(reader.all(".row")) < 100)
    equal("50,000 packets are filtered", reader.filter("ipsec.seq > 49990"), "10 of 50000")
    equal("nothing on the console", reader.complaints(), [])

    reader = Reader(browser, page_of("sample", captures, keys), "#frame-4711")
    rows = reader.run("return document.getElementById('rows').textContent.trim().split('\\n').length")
    check("a page has 500 packets at most unless told otherwise", 300 < rows <= 500, f"({rows})")
    check("a frame that is not there is said to be missing", "not in this page" in reader.find("#filter-state").text)
    check("and the one before it is shown", 4711 - 512 < int(reader.chosen()) < 4711, reader.chosen())


def main():
    browser = start()
    try:
        for test in (finds_packets, filters, keyboard, any_window, hostile_text, several_captures, large_captures,
                     opens_in_any_state):
            before = time.time()
            test(browser)
            print(f"{test.__name__}: {time.time() - before:.1f} s")
    finally:
        browser.quit()
        shutil.rmtree(work, ignore_errors=True)
    print(f"{len(failures)} of the checks failed" if failures else "all checks hold")
    sys.exit(1 if failures else 0)


os.environ.setdefault("HOME", str(work))
main()
