# An htsget server for the cases of `varlock fetch`; sourced after lib.bash.  serve_htsget FOLDER sets
# `url`; the requests are in FOLDER/../requests.
server_pid=
stop_htsget() {
    [ -z "$server_pid" ] || { kill "$server_pid" && wait "$server_pid" || true; }
    server_pid=
}
trap stop_htsget EXIT

serve_htsget() {
    rm -f port
    python3 "$py/htsget_server.py" "$1" port requests &
    server_pid=$!
    while [ ! -e port ]; do
        kill -0 "$server_pid"
        sleep 0.02
    done
    url=http://127.0.0.1:$(cat port)
}
