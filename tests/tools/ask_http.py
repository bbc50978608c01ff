#!/usr/bin/env python3
"""ask_http.py URL [NAME: VALUE]... [-X METHOD] [-d BODY | -f FILE] [-r RAW]: sends one request over a socket,
byte by byte what it is told, and prints the status, the header lines and an empty line; then the body.
-r sends RAW (with \\n as CRLF) and nothing else."""
import socket
import sys
from urllib.parse import urlsplit

arguments = sys.argv[1:]
url = urlsplit(arguments.pop(0))
method, body, raw, headers = "GET", None, None, {"Host": url.netloc, "Connection": "close"}
while arguments:
    word = arguments.pop(0)
    if word == "-X":
        method = arguments.pop(0)
    elif word == "-d":
        body = arguments.pop(0).encode()
    elif word == "-f":
        with open(arguments.pop(0), "rb") as file:
            body = file.read()
    elif word == "-r":
        raw = arguments.pop(0).encode("latin-1").replace(b"\n", b"\r\n")
    else:
        name, value = word.split(":", 1)
        headers[name] = value.strip()
if body is not None:
    method = "POST" if method == "GET" else method
    headers["Content-Length"] = str(len(body))
path = url.path + ("?" + url.query if url.query else "")
request = "%s %s HTTP/1.1\r\n" % (method, path)
request += "".join("%s: %s\r\n" % item for item in headers.items()) + "\r\n"
with socket.create_connection((url.hostname, url.port), 60) as connection:
    connection.sendall(raw if raw is not None else request.encode() + (body or b""))
    if raw is not None:
        connection.shutdown(socket.SHUT_WR)
    answer = b""
    try:
        while True:
            some = connection.recv(65536)
            if not some:
                break
            answer += some
    except ConnectionResetError:
        pass
head, _, rest = answer.partition(b"\r\n\r\n")
if b"transfer-encoding: chunked" in head.lower():
    chunks, rest = rest, b""
    while chunks:
        size, _, chunks = chunks.partition(b"\r\n")
        n = int(size, 16)
        rest, chunks = rest + chunks[:n], chunks[n + 2:]
        if n == 0:
            break
sys.stdout.buffer.write(head.replace(b"\r\n", b"\n") + b"\n\n" + rest)
