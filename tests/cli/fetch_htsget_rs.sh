# Tier: long
# `varlock fetch` from htsget-rs, which `make interop` builds (WITH_INTEROP); BUILT_HTSGET_RS names a built one.
. "$TOP/tests/cli/lib.bash"
[ -n "${WITH_INTEROP-}" ] || {
    note 'only make interop builds htsget-axum 0.10.0'
    exit 77
}
server=${BUILT_HTSGET_RS-}
if [ -z "$server" ]; then
    cargo install -q htsget-axum --version 0.10.0 --locked --debug --config profile.dev.debug=0 --root rust >cargo.log 2>&1 || {
        note "cargo cannot install htsget-axum 0.10.0: $(tail -n 1 cargo.log)"
        exit 1
    }
    server=rust/bin/htsget-axum
fi
unset HTS_AUTH_LOCATION
mkdir data
make_input synth_bam.py mates 3000
mv o.bam data/x.bam
samtools index data/x.bam

free_port() {
    python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}
tickets=$(free_port) blocks=$(free_port)
cat >config.toml <<END
ticket_server.addr = "127.0.0.1:$tickets"
data_server.addr = "127.0.0.1:$blocks"
data_server.local_path = "data"
locations = "file://data"
END
"$server" --config config.toml >server.log 2>&1 &
server_pid=$!
trap 'kill $server_pid; wait $server_pid || true' EXIT
until python3 -c 'import socket, sys; socket.create_connection(("127.0.0.1", int(sys.argv[1])))' "$tickets" 2>/dev/null; do
    kill -0 $server_pid || { note "htsget-axum: $(tail -n 1 server.log)"; exit 1; }
    sleep 0.1
done
url=http://127.0.0.1:$tickets/reads/x
varlock fetch -q -o whole.bam "$url"
cmp <(samtools view whole.bam) <(samtools view data/x.bam)
varlock fetch -q --class header -o header.bam "$url"
cmp <(samtools view -H --no-PG header.bam) <(samtools view -H --no-PG data/x.bam)
# It cuts answers where records span blocks: what is needed must be there, or the run fails and says so.
for region in chr1:1001-3000 chr1:8001-12000 chr1:20001-20100; do
    status=0
    rm -f part.bam
    varlock fetch -q -r $region -o part.bam "$url" 2>said || status=$?
    if [ $status -eq 0 ]; then
        cmp <(samtools view part.bam) <(samtools view data/x.bam $region) || { note "$region"; exit 1; }
    else
        grep -E 'x: ' said >/dev/null && [ ! -e part.bam ] || { note "$region: $status, $(cat said)"; exit 1; }
    fi
    echo "$region $status" >>regions
done
note "$(tr '\n' ' ' <regions)"
grep ' 0$' regions >/dev/null
