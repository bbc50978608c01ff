#!/usr/bin/env python3
"""htsget_server.py FOLDER PORT_FILE LOG: an htsget server on loopback for the tests.  It writes its port
to PORT_FILE, once it listens, and a line of JSON for each request to LOG.

/reads/ID and /variants/ID answer for the file ID of FOLDER; several regions by POST.  A part before ID
chooses how tickets and blocks are made (see TICKETS and the methods of Blocks):
/reads/stall/x.bam.  /ticket/NAME answers with the file NAME, where PORT stands for the port."""
import base64
import gzip
import hashlib
import json
import os
import re
import subprocess
import sys
import threading
import time
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

FOLDER, PORT_FILE, LOG = sys.argv[1:4]
lock = threading.Lock()
seen = {}  # how often each (fault, path, range) was asked for


def times(key):
    with lock:
        seen[key] = seen.get(key, 0) + 1
        return seen[key]


def region_text(region):
    name, start, end = region.get("referenceName"), region.get("start"), region.get("end")
    if start is None and end is None:
        return name
    return "%s:%d" % (name, int(start or 0) + 1) + ("" if end is None else "-%d" % int(end))


def answer_for(name, regions, is_header):
    """Path, in FOLDER, of the file that answers."""
    if is_header:
        text = subprocess.run(["samtools", "view", "-H", "-b", "--no-PG", os.path.join(FOLDER, name)],
                              stdout=subprocess.PIPE, check=True).stdout
        key = name + ".header"
        with open(os.path.join(FOLDER, key), "wb") as out:
            out.write(text[:-28])  # without the end block
        return key
    if not regions:
        return name
    key = "%s.%s" % (name, hashlib.md5(json.dumps(regions).encode()).hexdigest())
    subprocess.run(["samtools", "view", "-b", "--no-PG", "-M", "-o", os.path.join(FOLDER, key),
                    os.path.join(FOLDER, name), *map(region_text, regions)], check=True)
    return key


def blocks_of(server, fault, key):
    """The URLs of a ticket: a header inline, and the rest in two blocks."""
    size = os.path.getsize(os.path.join(FOLDER, key))
    url = "http://127.0.0.1:%d/data/%s/%s" % (server.server_port, fault, key)
    with open(os.path.join(FOLDER, key), "rb") as file:
        first = file.read(min(1000, size // 3))
    inline = {"url": "data:application/octet-stream;base64," + base64.b64encode(first).decode()}

    def block(a, b):
        return {"url": url, "headers": {"Range": "bytes=%d-%d" % (a, b - 1), "X-Block": "yes"}}

    middle = (size + len(first)) // 2
    if fault == "many":
        step = max(1, size // 10000)
        return [block(a, min(a + step, size)) for a in range(0, size, step)]
    if fault in ("whole", "whole-short", "whole-noranges", "whole-cut", "whole-tagged", "tagged"):
        return [{"url": url}]
    if fault == "file":
        return [{"url": "file:///etc/passwd"}]
    if fault == "nothing":
        return []
    return [inline, block(len(first), middle), block(middle, size)]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def note(self, body=b""):
        with lock, open(LOG, "a") as log:
            log.write(json.dumps({"method": self.command, "path": self.path, "body": body.decode("latin-1"),
                                  "time": time.time(), "headers": {k.lower(): v for k, v in self.headers.items()}}) + "\n")

    def send(self, status, body=b"", headers=(), length=None):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def endless(self, status, pause=0):
        """A body without an end, until the client goes away."""
        self.send_response(status)
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True
        while True:
            self.wfile.write(b" " if pause else b" " * 65536)
            time.sleep(pause)

    def refuse(self, status, error, message="for the test", headers=()):
        self.send(status, json.dumps({"htsget": {"error": error, "message": message}}).encode(), headers)

    # ---- tickets ----

    def ticket(self, path, query, body):
        parts = path.strip("/").split("/")
        fault = parts[1] if len(parts) > 2 else "plain"
        name = parts[-1]
        refusals = {"401": (401, "InvalidAuthentication"), "403": (403, "PermissionDenied"),
                    "404": (404, "NotFound"), "413": (413, "PayloadTooLarge"), "400": (400, "InvalidRange")}
        if fault in refusals:
            return self.refuse(*refusals[fault])
        if fault == "endless":
            return self.endless(403)
        if fault == "403gzip":
            return self.send(403, gzip.compress(b"no"), [("Content-Encoding", "gzip")])
        if fault == "ticket-drip":
            return self.endless(200, 0.1)
        if fault == "date" and times(("date", path)) < 2:
            return self.refuse(503, "Busy", headers=[("Retry-After", formatdate(time.time() + 1, usegmt=True))])
        if fault == "moved301":
            return self.send(301, headers=[("Location", path.replace("moved301/", ""))])
        if fault == "post400" and self.command == "POST":
            return self.refuse(400, "InvalidInput")
        if fault == "post-range" and self.command == "POST":
            return self.refuse(400, "InvalidRange")
        if fault == "503" and times(("503", path)) < 3:
            return self.refuse(503, "Busy", headers=[("Retry-After", "0")])
        if fault == "always-503":
            return self.refuse(503, "Busy")
        if fault == "loop":
            return self.send(302, headers=[("Location", self.path)])
        if fault == "to-file":
            return self.send(302, headers=[("Location", "file:///etc/passwd")])
        if fault == "moved":
            return self.send(307, headers=[("Location", path.replace("moved/", ""))])
        if fault == "no-json":
            return self.send(200, b"<html>hello</html>")
        if fault in ("no-post", "each") and self.command == "POST":
            return self.send(405)
        if fault != "each" and not os.path.exists(os.path.join(FOLDER, name)):
            return self.refuse(404, "NotFound")
        if body is not None:
            regions, is_header = body.get("regions", []), body.get("class") == "header"
        else:
            regions = [{k: v[0] for k, v in query.items() if k in ("referenceName", "start", "end")}]
            regions = [r for r in regions if r]
            is_header = query.get("class") == ["header"]
        if fault == "each":  # a file made beforehand for each contig
            name, regions = "%s.%s" % (name, regions[0]["referenceName"]), []
        is_superset = fault in ("superset", "each", "second403") or name.endswith(".c4gh")
        key = answer_for(name, [] if is_superset else regions, is_header and not is_superset)
        urls = blocks_of(self.server, fault, key)
        ticket = {"format": query.get("format", ["BAM"])[0], "urls": urls}
        with open(os.path.join(FOLDER, key), "rb") as file:
            ticket["md5"] = hashlib.md5(file.read()).hexdigest() if fault != "bad-md5" else "0" * 32
        return self.send(200, json.dumps({"htsget": ticket}).encode(),
                         [("Content-Type", "application/vnd.ga4gh.htsget.v1.3.0+json")])

    # ---- blocks ----

    def data(self, path):
        fault, name = path.split("/")[2:4]
        with open(os.path.join(FOLDER, name), "rb") as file:
            content = file.read()
        asked = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
        start = int(asked[1]) if asked else 0
        end = min(int(asked[2]) + 1, len(content)) if asked and asked[2] else len(content)
        if start >= end:
            return self.refuse(416, "Refused", headers=[("Content-Range", "bytes */%d" % len(content))])
        bytes_ = content[start:end]
        status = 206 if asked else 200
        headers = [("Content-Range", "bytes %d-%d/%d" % (start, end - 1, len(content)))] if asked else []
        n = times((fault, path, end))  # a block that is gone on with keeps its end
        first_third = len(bytes_) // 3
        if fault in ("short", "whole-short") and n < 3 and first_third > 0:
            self.send(status, bytes_[:first_third], headers, len(bytes_))
            self.close_connection = True
        elif fault == "second403" and n == 1 and start > 2000:
            self.refuse(403, "Refused")
        elif fault == "whole-cut":  # each reply is whole, and has but a part of what is left
            part = content[start:start + len(content) // 4 + 1]
            if asked:
                self.send(206, part, [("Content-Range", "bytes %d-%d/%d" % (start, start + len(part) - 1, len(content)))])
            else:
                self.send(200, part, length=len(content))
                self.close_connection = True
        elif fault in ("tagged", "whole-tagged"):  # the first reply breaks off; FOLDER/etag names the version
            with open(os.path.join(FOLDER, "etag")) as file:
                tags = file.read().split()
            tag = [("ETag", '"%s"' % tags[min(n, len(tags)) - 1])]
            self.send(status, bytes_[:first_third] if n == 1 else bytes_, headers + tag, len(bytes_))
            self.close_connection = True
        elif fault == "always-short":
            self.send(status, bytes_[:10], headers, len(bytes_))
            self.close_connection = True
        elif fault == "stall" and n == 1:
            self.send(status, bytes_[:first_third], headers, len(bytes_))
            self.server.ended.wait(60)
            self.close_connection = True
        elif fault == "500" and n < 3 or fault == "always-500":
            self.send(500)
        elif fault == "429" and n < 2:
            self.send(429, headers=[("Retry-After", "0")])
        elif fault == "wait" and n < 3:
            self.send(503, headers=[("Retry-After", "1")])
        elif fault == "elsewhere":  # another host, which is this one
            self.send(302, headers=[("Location", "http://localhost:%d/data/plain/%s" % (self.server.server_port, name))])
        elif fault in ("d403", "d416"):
            self.refuse(int(fault[1:]), "Refused")
        elif fault in ("ignore-range", "whole-noranges"):
            if fault == "whole-noranges" and n == 1 and not asked:
                self.send(200, content[:first_third], length=len(content))
                self.close_connection = True
            else:
                self.send(200, content)
        elif fault == "wrong-range":
            self.send(206, bytes_, [("Content-Range", "bytes %d-%d/%d" % (start + 1, end, len(content)))])
        elif fault == "gzip":
            self.send(status, gzip.compress(bytes_), headers + [("Content-Encoding", "gzip")])
        elif fault == "drip":
            self.send(status, b"", headers, len(bytes_))
            step = len(bytes_) // 50 + 1
            for at in range(0, len(bytes_), step):
                time.sleep(0.004)
                self.wfile.write(bytes_[at:at + step])
        elif fault == "damaged" and len(bytes_) > 100:
            self.send(status, bytes_[:50] + bytes([bytes_[50] ^ 1]) + bytes_[51:], headers)
        else:
            self.send(status, bytes_, headers)

    def answer(self, body=None):
        parts = urlsplit(self.path)
        if parts.path.startswith(("/reads/", "/variants/")):
            self.ticket(parts.path, parse_qs(parts.query), body)
        elif parts.path.startswith("/data/"):
            self.data(parts.path)
        elif parts.path.startswith("/ticket/"):
            with open(os.path.join(FOLDER, parts.path.split("/")[2])) as file:
                self.send(200, file.read().replace("PORT", str(self.server.server_port)).encode())
        else:
            self.refuse(404, "NotFound")

    def do_GET(self):
        self.note()
        self.answer()

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        self.note(body)
        self.answer(json.loads(body))


class Server(ThreadingHTTPServer):
    daemon_threads = True
    ended = threading.Event()

    def handle_error(self, request, client_address):
        pass  # clients go away


server = Server(("127.0.0.1", 0), Handler)
with open(PORT_FILE + ".new", "w") as out:
    out.write(str(server.server_port))
os.rename(PORT_FILE + ".new", PORT_FILE)
server.serve_forever()
