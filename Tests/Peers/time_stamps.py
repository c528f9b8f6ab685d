"""An RFC 3161 time-stamp authority on this machine, for tests and fixtures: `openssl ts` behind a small HTTP server."""

import http.server
import subprocess
import threading

CONFIG = """[req]
distinguished_name = dn
prompt = no
[dn]
O = Assay Test
CN = Time stamps
[root]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign
subjectKeyIdentifier = hash
[leaf]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = critical, timeStamping
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[tsa]
serial = serial
signer_cert = leaf.pem
signer_key = leaf.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
ess_cert_id_alg = sha256
"""


class Authority(http.server.BaseHTTPRequestHandler):
    """Answers a query with its time stamp."""

    def answer(self, body):
        """The status and the bytes of the answer, of the reply that openssl made."""
        return 200, body

    def do_POST(self):
        folder = self.server.folder
        (folder / "query.tsq").write_bytes(self.rfile.read(int(self.headers["Content-Length"])))
        assert self.headers["Content-Type"] == "application/timestamp-query"
        subprocess.run(
            ["openssl", "ts", "-reply", "-queryfile", "query.tsq", "-out", "reply.tsr", "-config", "tsa.cnf",
             "-section", "tsa"],
            cwd=folder, check=True, capture_output=True)
        status, body = self.answer((folder / "reply.tsr").read_bytes())
        self.send_response(status)
        self.end_headers()
        try:
            self.wfile.write(body)
        except (BrokenPipeError, ConnectionResetError):
            pass

    def log_message(self, *arguments):
        pass


def serve(folder, handler=Authority, root_days=30, leaf_days=10):
    """Makes an authority in a folder, its root in `root.pem`, and starts it; gives the server and its URL."""
    (folder / "tsa.cnf").write_text(CONFIG)
    (folder / "serial").write_text("01")

    def openssl(*arguments):
        subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)

    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-config", "tsa.cnf"]
    openssl("req", "-x509", *key, "-keyout", "root.key", "-out", "root.pem", "-days", str(root_days), "-extensions",
            "root", "-subj", "/O=Assay Test/CN=TSA root")
    openssl("req", "-new", *key, "-keyout", "leaf.key", "-out", "leaf.csr")
    openssl("x509", "-req", "-in", "leaf.csr", "-CA", "root.pem", "-CAkey", "root.key", "-CAcreateserial", "-days",
            str(leaf_days), "-extfile", "tsa.cnf", "-extensions", "leaf", "-out", "leaf.pem")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.folder = folder
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server, f"http://127.0.0.1:{server.server_port}"
