#!/usr/bin/env python3
"""check_page.py PAGE REPORT.json [PICTURE...]: the page of `varlock audit --html` is well formed, needs no
script and no other file, says what the report says, and has these pictures and no others."""
import html.parser
import json
import sys

VOID = {"meta", "br", "hr", "img", "link"}


class Page(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.open, self.rows, self.pictures, self.risks, self.texts = [], [], [], [], {}

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        assert tag not in ("script", "iframe", "link", "img", "object"), tag
        assert not {"src", "href", "onload", "onclick", "style"} & set(attrs), attrs
        if tag not in VOID:
            self.open.append((tag, attrs.get("id")))
        if tag == "figure":
            self.pictures.append(attrs["id"])
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")
        if tag == "li":
            self.risks.append(attrs["class"])

    def handle_startendtag(self, tag, attrs):
        assert not {"src", "href"} & set(dict(attrs)), attrs

    def handle_endtag(self, tag):
        assert self.open and self.open[-1][0] == tag, (tag, self.open[-3:])
        self.open.pop()

    def handle_data(self, data):
        for tag, name in self.open:
            self.texts[name or tag] = self.texts.get(name or tag, "") + data
        if self.open and self.open[-1][0] in ("td", "th"):
            self.rows[-1][-1] += data


path, report, *pictures = sys.argv[1:]
with open(path, encoding="utf-8") as file:
    source = file.read()
with open(report) as file:
    report = json.load(file)
page = Page()
page.feed(source)
page.close()
assert not page.open, page.open
assert "http" not in source and "url(" not in source and "@import" not in source
assert "anonym" not in source.lower().replace("pseudonym", ""), "it says anonymous"
assert page.pictures == pictures, page.pictures
shown = [(row[0], row[3], row[4]) for row in page.rows[1:]]
assert shown == [(m["metric"], m["verdict"], m["what"]) for m in report["metrics"]], shown
assert report["masked_sha256"] in page.texts["dl"]
verdict = page.texts["verdict"]
for word, name in ("Passed.", "pass"), ("Failed:", "FAIL"), ("too little data", "too few"):
    assert (word in verdict) == (report["verdict"] == name), verdict
assert ("pseudonymised" in verdict) == (report["verdict"] == "pass"), verdict
bad = [m["metric"] for m in report["metrics"] if m["verdict"] == report["verdict"] != "pass"]
assert ", ".join(bad) in verdict, verdict
print(" ".join(page.risks))
