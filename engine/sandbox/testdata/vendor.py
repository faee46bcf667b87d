"""A client of the MailStore API in the manner of the vendor's old wrapper,
written from the description of the protocol with Python's standard library
alone. It works off a scenario and prints one line of JSON for every call.

usage: vendor.py SCENARIO challenge|at-once
MAILSTORE_URL, MAILSTORE_USER and MAILSTORE_PASSWORD say where to.

challenge sends no login until the server asks for one and opens a connection
for every request; at-once sends the login with every request, as HTTP/1.0.
"""

import base64
import http.client
import json
import os
import re
import ssl
import sys
import urllib.error
import urllib.parse
import urllib.request

KEYS = ["error", "token", "statusVersion", "statusCode", "percentProgress", "statusText", "result", "logOutput"]
BOM = b"\xef\xbb\xbf"


class OldConnection(http.client.HTTPSConnection):
    _http_vsn = 10
    _http_vsn_str = "HTTP/1.0"


class Client:
    def __init__(self, url, user, password, mode):
        self.url, self.mode = url, mode
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        self.context = context
        if mode == "challenge":
            logins = urllib.request.HTTPPasswordMgrWithDefaultRealm()
            logins.add_password(None, url, user, password)
            self.opener = urllib.request.build_opener(
                urllib.request.ProxyHandler({}),
                urllib.request.HTTPSHandler(context=context),
                urllib.request.HTTPBasicAuthHandler(logins),
            )
        else:
            self.login = "Basic " + base64.b64encode((user + ":" + password).encode()).decode()

    def post(self, path, form):
        """Returns the HTTP status and the bytes of an answer."""
        body = urllib.parse.urlencode(form).encode()
        if self.mode == "challenge":
            try:
                with self.opener.open(self.url + path, data=body, timeout=60) as answer:
                    return answer.status, answer.read()
            except urllib.error.HTTPError as refused:
                return refused.code, refused.read()
        connection = OldConnection(urllib.parse.urlsplit(self.url).netloc, context=self.context, timeout=60)
        try:
            connection.request("POST", path, body, {
                "Authorization": self.login, "Content-Type": "application/x-www-form-urlencoded",
            })
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def metadata(self):
        status, body = self.post("/api/get-metadata", {})
        if status != 200 or not body.startswith(BOM):
            raise SystemExit("get-metadata = %d %r" % (status, body[:200]))
        return {f["name"]: f["args"] for f in json.loads(body[3:].decode("utf-8"))}

    def status(self, path, form, problems):
        """Returns a status of the server; notes what it does not do as described."""
        code, body = self.post(path, form)
        if code != 200:
            problems.append("%s = HTTP %d" % (path, code))
            return None
        if not body.startswith(BOM):
            problems.append("%s: no byte order mark" % path)
        answer = json.loads(body.decode("utf-8-sig"))
        if list(answer) != KEYS:
            problems.append("%s: keys are %s" % (path, list(answer)))
        if answer["error"] is not None and list(answer["error"]) != ["message", "details"]:
            problems.append("%s: error is %s" % (path, answer["error"]))
        if answer["logOutput"] is not None and not answer["logOutput"].endswith("\r\n"):
            problems.append("%s: the log ends with %r" % (path, answer["logOutput"][-20:]))
        return answer

    def call(self, function, form, cancel=False):
        """Makes a call and follows it to its end."""
        report = {"fn": function, "args": list(form), "code": "", "error": "", "polls": 0, "log": "", "problems": []}
        problems = report["problems"]
        answer = self.status("/api/invoke/" + function, form, problems)
        token = answer and answer["token"]
        while answer and answer["statusCode"] == "running":
            if cancel:
                cancel = False
                self.status("/api/cancel-async", {"token": token}, problems)
            report["log"] += answer["logOutput"] or ""
            known = answer["statusVersion"]
            answer = self.status("/api//get-status", {
                "token": token, "lastKnownStatusVersion": known, "millisecondsTimeout": 1000,
            }, problems)
            report["polls"] += 1
            if answer and answer["statusVersion"] < known:
                problems.append("version %d after %d" % (answer["statusVersion"], known))
        if answer is None:
            return report, None
        if token is None and answer["statusVersion"] != 2:
            problems.append("an answer at once has version %d" % answer["statusVersion"])
        if answer["token"] is not None or answer["percentProgress"] is not None:
            problems.append("the last status has token %s, progress %s" % (answer["token"], answer["percentProgress"]))
        report["log"] += answer["logOutput"] or ""
        report["code"] = answer["statusCode"]
        report["error"] = answer["error"]["message"] if answer["error"] else ""
        return report, answer["result"]


def filled(value, results):
    """Returns a value of the scenario with references to earlier results filled in."""
    if isinstance(value, dict):
        return {key: filled(v, results) for key, v in value.items()}
    if not isinstance(value, str) or not re.fullmatch(r"\{[A-Za-z]+(\.[\w-]+)*\}", value):
        return value
    function, *path = value[1:-1].split(".")
    value = results.get(function)
    for key in path:
        if isinstance(value, list):
            value = value[int(key)] if value else None
        else:
            value = value[key] if value else None
    return value


def text(value):
    """Returns the text of an argument as the API wants it."""
    if isinstance(value, str):
        return value
    return json.dumps(value)  # true and false, digits, JSON


def main(scenario, mode):
    client = Client(os.environ["MAILSTORE_URL"], os.environ["MAILSTORE_USER"], os.environ["MAILSTORE_PASSWORD"], mode)
    with open(scenario, encoding="utf-8") as file:
        scenario = json.load(file)
    metadata, results = client.metadata(), {}
    for step in scenario["steps"]:
        if step["fn"] not in metadata:
            continue
        given, form = step.get("args", {}), {}
        for argument in metadata[step["fn"]]:
            name = argument["name"]
            if name in given:
                form[name] = text(filled(given[name], results))
            elif not argument["nullable"]:
                form[name] = text(scenario["values"][name])
        report, results[step["fn"]] = client.call(step["fn"], form, step.get("cancel", False))
        print(json.dumps(report))


main(*sys.argv[1:])
