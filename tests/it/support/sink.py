"""An HTTP server for a test that stands somewhere else: it answers 200 to everything and writes each request down, a JSON
object a line. Arguments: address, port, file."""

import json
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

address, port, file = sys.argv[1:]
requests = open(file, "a", buffering=1)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self):
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        requests.write(json.dumps({"at": time.time(), "path": self.path, "body": body.decode()}) + "\n")
        self.send_response(200)
        self.send_header("content-length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    do_GET = do_POST = answer

    def log_message(self, *_):
        pass


ThreadingHTTPServer((address, int(port)), Handler).serve_forever()
