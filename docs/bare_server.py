"""A server of one answer: no framework, no http.server, only a socket.

Start it with `python3 docs/bare_server.py 8000`, and ask it in another terminal. It shows
the bytes that arrive, answers every request with the same few bytes, and ends with Ctrl-C.
"""

import socket
import sys

ANSWER = (
    b"HTTP/1.1 200 OK\r\n"
    b"Content-Type: text/plain\r\n"
    b"Content-Length: 6\r\n"
    b"Connection: close\r\n"
    b"\r\n"
    b"hello\n"
)

try:
    listener = socket.create_server(("127.0.0.1", int(sys.argv[1])))
except (IndexError, ValueError, OSError, OverflowError) as error:
    sys.exit(f"{error}\nTry: python3 docs/bare_server.py 8000, or another port")
print(f"Listening on http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
try:
    while True:
        connection, address = listener.accept()
        with connection:
            for line in connection.recv(65536).splitlines(keepends=True):
                print(line, flush=True)
            connection.sendall(ANSWER)
except KeyboardInterrupt:
    listener.close()
