# Whom `varlock fetch` shows a token: the server that is asked, and nobody else.
. "$TOP/tests/cli/lib.bash"
. "$TOP/tests/cli/fetch.bash"
unset HTS_AUTH_LOCATION

mkdir web
samtools view -b --no-PG -o web/x.bam "$TESTDATA/golden/person.sam"
samtools index web/x.bam
serve_htsget web

# token SECONDS FILE: a passport that expires then; its signature is nobody's.
token() {
    python3 - "$1" >"$2" <<'END'
import base64, json, sys, time
def part(x):
    return base64.urlsafe_b64encode(json.dumps(x).encode()).rstrip(b"=").decode()
end = int(time.time()) + int(sys.argv[1])
def jwt(payload):
    return ".".join((part({"alg": "ES256", "typ": "vnd.ga4gh.passport+jwt"}), part(payload), "c2lnbmF0dXJl"))
visa = jwt({"iss": "https://dac.example/", "exp": end - 10,
            "ga4gh_visa_v1": {"type": "ControlledAccessGrants", "value": "https://example/EGAD00000000432"}})
print(jwt({"iss": "https://login.example/", "sub": "u", "exp": end, "ga4gh_passport_v1": [visa, "no.visa", 7]}))
END
    chmod 600 "$2"
}
sent_to_blocks() {
    grep '/data/' requests | grep -i "$1"
}

token 3600 good
varlock fetch -q --token-file good -o out.bam "$url/reads/x.bam"
cmp out.bam web/x.bam
grep '/reads/' requests | grep -F "\"authorization\": \"Bearer $(cat good)\"" >/dev/null
! sent_to_blocks authorization || exit 1

# From the environment, and as JSON.
printf '{"access_token": "%s", "token_type": "bearer"}' "$(cat good)" >good.json
chmod 600 good.json
: >requests
HTS_AUTH_LOCATION=good.json varlock fetch -q -o out.bam "$url/reads/x.bam"
grep '/reads/' requests | grep -F "Bearer $(cat good)" >/dev/null

# The visas, for those who ask.
varlock fetch --verbose --token-file good -o out.bam "$url/reads/x.bam" 2>said
grep -E 'visa ControlledAccessGrants: https://example/EGAD00000000432, by https://dac.example/, until [0-9-]{10} ' said >/dev/null
! grep -F "$(cut -d. -f 3 good)" said || exit 1

# It does not follow a redirect to another host.
: >requests
python3 - "$url" >hop.port <<'END' &
import http.server, sys
class H(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(302)
        self.send_header("Location", sys.argv[1].replace("127.0.0.1", "localhost") + self.path)
        self.end_headers()
    def log_message(self, *a):
        pass
s = http.server.HTTPServer(("127.0.0.1", 0), H)
print(s.server_port, flush=True)
s.serve_forever()
END
hop=$!
while [ ! -s hop.port ]; do
    kill -0 $hop
    sleep 0.02
done
varlock fetch -q --token-file good -o out.bam "http://127.0.0.1:$(cat hop.port)/reads/x.bam"
kill $hop
cmp out.bam web/x.bam
! grep -i authorization requests || exit 1

# What is refused before anything is sent.
: >requests
token -5 old
refuses 3 'old: the token expired at [0-9-]{10} .*was not sent' varlock fetch -q --token-file old -o no.bam "$url/reads/x.bam"
refuses 2 'a token is not sent over http' varlock fetch -q --token-file good -o no.bam http://example.invalid/reads/x.bam
printf 'two words\n' >words
chmod 600 words
refuses 1 'words: is no token' varlock fetch -q --token-file words -o no.bam "$url/reads/x.bam"
: >empty
refuses 1 'empty: holds no token' varlock fetch -q --token-file empty -o no.bam "$url/reads/x.bam"
refuses 1 'missing' varlock fetch -q --token-file missing -o no.bam "$url/reads/x.bam"
refuses 2 'Name: value' varlock fetch -q --header 'no colon' -o no.bam "$url/reads/x.bam"
[ ! -s requests ]
varlock fetch -q --header 'X-Study: 7' -o out.bam "$url/reads/x.bam"
grep '/reads/' requests | grep '"x-study": "7"' >/dev/null
! sent_to_blocks x-study || exit 1
chmod 644 good
varlock fetch --token-file good -o out.bam "$url/reads/x.bam" 2>said
grep -F 'good: a token that others can read (mode 0644): chmod 600' said >/dev/null
