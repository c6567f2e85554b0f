"""A real browser for tests: headless Chromium, driven over its debugging pipe."""

import base64
import json
import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome")
FOUND = next((path for path in map(shutil.which, NAMES) if path), None)


class Browser:
    """One window of Chromium with a profile of its own; a context manager.

    Talks the DevTools protocol, as JSON ended by a zero byte, over the two pipes that Chromium
    opens for `--remote-debugging-pipe`. `requests` are the addresses it asked for, `errors` what
    its console complained of.
    """

    def __init__(self, width=1280, height=800):
        self.folder = Path(tempfile.mkdtemp(prefix="browser-"))
        self.requests, self.errors, self._waiting, self._buffer, self._id = [], [], [], b"", 0
        to_browser, self._write = os.pipe()
        self._read, from_browser = os.pipe()
        command = [
            FOUND, "--headless=new", "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe",
            "--disable-dev-shm-usage", "--no-first-run", "--disable-extensions",
            "--disable-background-networking", f"--window-size={width},{height}",
            f"--user-data-dir={self.folder / 'profile'}", "about:blank",
        ]  # fmt: skip
        shell = f'exec "$@" 3<&{to_browser} 4>&{from_browser}'
        self._process = subprocess.Popen(
            ["bash", "-c", shell, "bash", *command],
            pass_fds=(to_browser, from_browser),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(to_browser)
        os.close(from_browser)
        page = next(t for t in self.ask("Target.getTargets")["targetInfos"] if t["type"] == "page")
        attached = self.ask("Target.attachToTarget", targetId=page["targetId"], flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.ask(f"{domain}.enable")
        self.ask(
            "Browser.setDownloadBehavior", behavior="allow", downloadPath=str(self.folder / "got")
        )
        self.size(width, height)

    _session = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        try:
            self._session = None
            self.ask("Browser.close")
        except (OSError, EOFError):
            pass
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        os.close(self._write)
        os.close(self._read)
        shutil.rmtree(self.folder, ignore_errors=True)

    def ask(self, method, **params):
        """Send a command and return its result."""
        self._id += 1
        message = {"id": self._id, "method": method, "params": params}
        if self._session:
            message["sessionId"] = self._session
        data = json.dumps(message).encode() + b"\0"
        while data:
            data = data[os.write(self._write, data) :]
        while True:
            got = self._next()
            if got.get("id") == self._id:
                if "error" in got:
                    raise RuntimeError(f"{method}: {got['error']}")
                return got["result"]
            self._note(got)

    def _next(self):
        while b"\0" not in self._buffer:
            piece = os.read(self._read, 1 << 20)
            if not piece:
                raise EOFError("the browser has gone")
            self._buffer += piece
        line, self._buffer = self._buffer.split(b"\0", 1)
        return json.loads(line)

    def _note(self, event):
        name, params = event.get("method"), event.get("params", {})
        if name == "Network.requestWillBeSent":
            self.requests.append(params["request"]["url"])
        elif name == "Runtime.exceptionThrown":
            self.errors.append(json.dumps(params["exceptionDetails"]))
        elif name == "Log.entryAdded" and params["entry"]["level"] == "error":
            self.errors.append(params["entry"]["text"])
        else:
            self._waiting.append(name)

    def open(self, path):
        """Load a file, or load the present one again, and wait until it stands."""
        self._waiting.clear()
        self.ask("Page.navigate", url=Path(path).resolve().as_uri())
        while "Page.loadEventFired" not in self._waiting:
            self._note(self._next())

    def run(self, script):
        """The value of a JavaScript expression (promises are awaited)."""
        done = self.ask(
            "Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True
        )
        if "exceptionDetails" in done:
            raise RuntimeError(done["exceptionDetails"])
        return done["result"].get("value")

    def key(self, key, modifiers=0):
        """Press and release a key as a person would: "e", "Enter", "Escape", "ArrowDown"."""
        known = {
            "Enter": (13, "\r"), "Escape": (27, None), "Tab": (9, None), " ": (32, " "),
            "ArrowDown": (40, None), "ArrowUp": (38, None), "ArrowLeft": (37, None),
            "ArrowRight": (39, None), "End": (35, None), "Home": (36, None),
            "Delete": (46, None),
        }  # fmt: skip
        code, text = known.get(key, (ord(key[0].upper()), key))
        common = {"key": key, "windowsVirtualKeyCode": code, "modifiers": modifiers}
        down = {"type": "keyDown", "text": text} if text else {"type": "rawKeyDown"}
        self.ask("Input.dispatchKeyEvent", **common, **down)
        self.ask("Input.dispatchKeyEvent", **common, type="keyUp")

    def type(self, text):
        """Type into whatever has the focus."""
        self.ask("Input.insertText", text=text)

    def upload(self, selector, path):
        """Choose a file in a file input."""
        root = self.ask("DOM.getDocument")["root"]["nodeId"]
        node = self.ask("DOM.querySelector", nodeId=root, selector=selector)["nodeId"]
        self.ask("DOM.setFileInputFiles", nodeId=node, files=[str(path)])

    def downloaded(self, seconds=10):
        """The text of the one file downloaded since last asked."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            got = list((self.folder / "got").glob("*.csv"))
            if got:
                text = got[0].read_bytes().decode("utf-8")
                got[0].unlink()
                return got[0].name, text
            time.sleep(0.02)
        raise AssertionError("nothing was downloaded")

    def wait(self, script, seconds=5):
        """Wait until a JavaScript expression holds."""
        end = time.monotonic() + seconds
        while not self.run(script):
            if time.monotonic() > end:
                raise AssertionError(f"never came true: {script}")
            time.sleep(0.02)

    def size(self, width, height, *, dark=False, mobile=False):
        """Size of the window, and its colour scheme."""
        self.ask(
            "Emulation.setDeviceMetricsOverride",
            width=width, height=height, deviceScaleFactor=1, mobile=mobile,
        )  # fmt: skip
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.ask("Emulation.setEmulatedMedia", features=[scheme])

    def picture(self, path):
        """A PNG of what is to be seen."""
        Path(path).write_bytes(base64.b64decode(self.ask("Page.captureScreenshot")["data"]))
