//! A plan with a secret of its own in every place that can hold one.

/// The secrets: their names in the plan. All come from environment variables, but for `file` and `key`.
pub const NAMES: &[&str] = &[
    "header",
    "query",
    "body",
    "tcp",
    "outside",
    "prometheus",
    "sentry",
    "postgres",
    "redis",
    "number",
    "beat",
    "hook",
    "hook_key",
    "hook_header",
    "slack",
    "pager",
    "mail",
    "siren",
    "step",
    "file",
    "key",
    "unused",
];

/// The plan; `WEB`, `SMTP`, `DIR` and `DOWN` stand for what the test starts.
pub const PLAN: &str = r#"
[plan]
name = "Leaks"
environment = "test"
rollback = "back"
heartbeat = { url = "${secret.beat}", every = "1s" }
vantage = { http = { url = "http://WEB/outside", headers = { X-Outside = "${secret.outside}" }, expect = { status = 200 } }, every = "1s" }

[secrets]
SECRETS
file = "${file:DIR/file}"
key = "${file:DIR/key}"

[roles]
lead = { name = "Ana" }

[[probe]]
id = "header"
every = "300ms"
http = { url = "http://WEB/status", headers = { Authorization = "Bearer ${secret.header}" } }
warn = "is failing for 1s"

[[probe]]
id = "query"
every = "300ms"
http = { url = "http://WEB/redirect?key=${secret.query}" }

[[probe]]
id = "body"
every = "300ms"
http = { url = "http://WEB/body", method = "POST", body = "k=${secret.body}", expect = { json = { "$.ok" = true } } }

[[probe]]
id = "version"
every = "300ms"
http = { url = "http://WEB/version", headers = { X-Key = "${secret.file}" }, version = "$.version", services = "$.services.*" }

[[probe]]
id = "tcp"
every = "1s"
tcp = "${secret.tcp}"

[[probe]]
id = "refused"
every = "300ms"
prometheus = { url = "http://WEB/refused", query = "up", headers = { Authorization = "Bearer ${secret.prometheus}" } }

[[probe]]
id = "noted"
every = "300ms"
prometheus = { url = "http://WEB/noted", query = "up", headers = { Authorization = "Bearer ${secret.prometheus}" } }

[[probe]]
id = "sentry"
every = "300ms"
sentry = { url = "http://WEB/sentry", organization = "acme", flavor = "sentry", token = "${secret.sentry}" }

[[probe]]
id = "postgres"
every = "300ms"
postgres = { url = "${secret.postgres}", query = "select leak() as n", measures = [{ name = "n" }] }

[[probe]]
id = "redis"
every = "300ms"
redis = { url = "${secret.redis}", layout = "list", queues = ["jobs"] }

[[probe]]
id = "number"
every = "300ms"
command = { run = 'python3 said.py number >&2; exit 1' }

[[probe]]
id = "exit"
every = "300ms"
command = { run = 'echo "no: $number" >&2; exit 1', answer = "exit" }

[channel.hook]
webhook = { url = "${secret.hook}", secret = "${secret.hook_key}", headers = { X-Hook = "${secret.hook_header}" } }
[channel.team]
slack = { url = "${secret.slack}" }
[channel.oncall]
pagerduty = { routing-key = "${secret.pager}", url = "http://WEB/pager" }
[channel.mail]
smtp = { host = "127.0.0.1", port = SMTP, tls = "none", user = "tminus", password = "${secret.mail}", from = "a@example.com", to = ["b@example.com"] }
[channel.siren]
command = { run = 'python3 said.py siren >&2; exit 1' }

[[notify]]
on = ["sev1", "step-failed", "gate", "ended", "rollback"]
to = ["hook", "team", "oncall", "mail", "siren"]

[[phase]]
id = "p"

  [[phase.step]]
  id = "all"
  run = 'env; export -p; declare -p; LC_ALL=C; set -x; printf "%q\n" "$step" "$key"; cat /proc/self/environ'
  undo = "env; exit 0"

  [[phase.step]]
  id = "said"
  run = "python3 said.py"
  undo = "python3 said.py; exit 1"

  [[phase.step]]
  id = "pieces"
  run = "python3 said.py --slowly"

  [[phase.step]]
  id = "fails"
  run = 'set -x; : "$step"; echo "wrong: $step" >&2; exit 3'

  [[phase.step]]
  id = "keeps"
  output = "kept"
  run = 'printf "user:%s" "$step" | base64 -w0; echo'

  [[phase.step]]
  id = "asks"
  input = true
  run = 'read -r -p "is it $step? " answer; echo "you said $answer"'

  [[phase.step]]
  id = "gate"
  owner = "lead"
  poll = ["lead"]

[rollback.back]
title = "Back"
estimate = "1m"
undoes = []

  [[rollback.back.step]]
  id = "switch"
  run = "env | base64"
"#;

/// Says the values of its environment in every form, a line each; `--slowly` in pieces of a few bytes.
pub const SAID: &str = r#"
import base64, html, json, os, shlex, sys, urllib.parse
names = [a for a in sys.argv[1:] if not a.startswith("-")] or "NAMES".split()
def forms(v):
    b = v.encode()
    yield v
    yield from (urllib.parse.quote(v, safe=""), urllib.parse.quote_plus(v), urllib.parse.quote(v, safe="").lower() if v.islower() else "")
    yield from (json.dumps(v), json.dumps(v, ensure_ascii=False), shlex.quote(v), html.escape(v), b.hex(), b.hex().upper())
    for before in (b"", b"u", b"me", b"me:", b"user:"):
        for after in (b"", b"x", b"xy"):
            yield base64.b64encode(before + b + after).decode()
            yield base64.urlsafe_b64encode(before + b + after).decode().rstrip("=")
        yield base64.encodebytes(before + b * 3).decode()
    yield repr(b)
    yield json.dumps({"Authorization": "Basic " + base64.b64encode(b"app:" + b).decode()})
for name in names:
    for form in forms(os.environ.get(name, "")):
        data = (form + "\n").encode()
        step = 7 if "--slowly" in sys.argv else max(1, len(data))
        for at in range(0, len(data), step):
            sys.stdout.buffer.write(data[at:at + step])
            sys.stdout.buffer.flush()
"#;
