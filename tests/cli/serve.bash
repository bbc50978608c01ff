# `varlock serve` for the cases about it; sourced after lib.bash.
serve_pid=
stop_serve() {
    [ -z "$serve_pid" ] || { kill "$serve_pid" 2>/dev/null && wait "$serve_pid" || true; }
    serve_pid=
}
trap stop_serve EXIT

# start_serve [options] INPUT: sets `reads`, `file` and `base`; the log is in `log`.
start_serve() {
    rm -f urls
    mkfifo urls
    varlock serve "$@" >urls 2>log &
    serve_pid=$!
    {
        read -r reads
        read -r file
    } <urls
    base=${reads%/reads/*}
    id=${reads##*/}
    port=${base#http://127.0.0.1:} port=${port%/*}
}
