# A masked file on a web server: only what a region needs travels.
# Tier: long
. "$TOP/tests/cli/lib.bash"
PATH=$PATH:/usr/sbin
command -v nginx >/dev/null || {
    note 'nginx is not installed'
    exit 77
}
unset http_proxy all_proxy

# serve: nginx on a free port of 127.0.0.1 as whoever runs the test; `url` is where web/files is.  Small
# buffers, so that the log tells what was fetched and not what the system had sent ahead.
nginx_pid=
stop() {
    [ -z "$nginx_pid" ] || { kill "$nginx_pid" && wait "$nginx_pid" || true; }
    nginx_pid=
}
trap stop EXIT
trap 'exit 1' TERM INT
serve() {
    local port try
    mkdir -p web/files
    for try in 1 2 3 4 5 6 7 8; do
        port=$((20000 + (RANDOM + try) % 40000))
        url=http://127.0.0.1:$port
        cat >web/nginx.conf <<END
daemon off;
master_process off;
pid $PWD/web/pid;
events {}
http {
    log_format bytes '\$status \$body_bytes_sent \$uri';
    access_log $PWD/web/access.log bytes;
    client_body_temp_path $PWD/web/body;
    proxy_temp_path $PWD/web/proxy;
    fastcgi_temp_path $PWD/web/fastcgi;
    uwsgi_temp_path $PWD/web/uwsgi;
    scgi_temp_path $PWD/web/scgi;
    server {
        listen 127.0.0.1:$port sndbuf=16k;
        root $PWD/web/files;
        location /whole/ { alias $PWD/web/files/; max_ranges 0; }
    }
}
END
        rm -f web/pid
        nginx -e "$PWD/web/error.log" -c "$PWD/web/nginx.conf" &
        nginx_pid=$!
        # Written once it listens; it ends where the port is somebody else's.
        while kill -0 "$nginx_pid" 2>/dev/null; do
            [ ! -s web/pid ] || return 0
            sleep 0.05
        done
    done
    note "nginx does not start: $(tail -n 1 web/error.log)"
    return 1
}

# Waits for nginx to log what was asked of it before: a transfer is logged once nginx sees its end, and
# it sees one after the other.
logged() {
    local connection
    exec {connection}<>"/dev/tcp/127.0.0.1/${url##*:}"
    printf 'GET /mark HTTP/1.0\r\n\r\n' >&"$connection"
    cat <&"$connection" >/dev/null
    exec {connection}>&-
    until grep -q ' /mark$' web/access.log; do
        sleep 0.05
    done
}

# fetches AT_MOST COMMAND...: runs it; what travels, BAM and index, is counted.
fetches() {
    local at_most=$1 bytes
    shift
    : >web/access.log
    "$@"
    logged
    bytes=$(awk '$3 != "/mark" { n += $2 } END { print n + 0 }' web/access.log)
    note "$bytes bytes of $size: $*"
    [ "$bytes" -gt 0 ] && [ "$bytes" -le "$at_most" ]
}

awk 'BEGIN {
    OFS = "\t"; srand(4)
    print "@HD", "VN:1.6", "SO:coordinate"
    print "@SQ", "SN:chr1", "LN:3000000"
    print "@RG", "ID:lane1", "SM:JaneDoe"
    for (i = 0; i < 120; i++)
        piece[i] = substr("ACGT", 1 + int(rand() * 4), 1) substr("GTCA", 1 + int(rand() * 4), 1)
    for (i = 0; i < 70000; i++) {
        seq = qual = ""
        for (k = 0; k < 60; k++) {
            seq = seq piece[int(rand() * 120)]
            qual = qual sprintf("%c%c", 35 + int(rand() * 38), 35 + int(rand() * 38))
        }
        print "q" i, 0, "chr1", 40 * i + 1, 60, "120M", "*", 0, 0, seq, qual, "RG:Z:lane1"
    }
}' | samtools view --no-PG -b -o o.bam
cat >o.vcf <<END
##fileformat=VCFv4.2
##contig=<ID=chr1,length=3000000>
##INFO=<ID=AC,Number=A,Type=Integer,Description="">
##INFO=<ID=AN,Number=1,Type=Integer,Description="">
#CHROM	POS	ID	REF	ALT	QUAL	FILTER	INFO
END
seq 101 50 2800000 | awk -v OFS='\t' '{ print "chr1", $1, ".", "A", "C", ".", ".", "AC=30;AN=100" }' >>o.vcf
varlock vcf2vac -q -o pop.vac o.vcf
serve
varlock encrypt -q --mask permute -a pop.vac -p "$keys/owner.pub.pem" -d m.bdiff -o web/files/m.bam --write-index o.bam
size=$(stat -c %s web/files/m.bam)
few=$((size / 3)) # a busy machine sends ahead
region=chr1:1,500,001-1,510,000

# As from a file: the owner's region, a slice, what the slice's holder sees.
decrypt_as owner m.bdiff web/files/m.bam local.bam -r "$region"
fetches $few decrypt_as owner m.bdiff "$url/m.bam" part.bam -r "$region"
same local.bam part.bam
[ "$(samtools view -c part.bam)" -gt 200 ]
fetches $few varlock reencrypt -q -k "$keys/owner.pem" -p "$keys/alice.pub.pem" -r "$region" -d m.bdiff \
    -o a.bdiff "$url/m.bam"
decrypt_as alice a.bdiff web/files/m.bam local.bam
fetches $few decrypt_as alice a.bdiff "$url/m.bam" part.bam
same local.bam part.bam
# A slice of everything needs no record at all.
fetches $few varlock reencrypt -q --all -k "$keys/owner.pem" -p "$keys/alice.pub.pem" -d m.bdiff -o all.bdiff \
    "$url/m.bam"

# Served on to programs that know nothing of varlock.
. "$TOP/tests/cli/serve.bash"
trap 'stop_serve; stop' EXIT
show_restored web/files/m.bam a.bdiff "$keys/alice.pem" "$region" >want.sam
start_serve -d a.bdiff -k "$keys/alice.pem" "$url/m.bam"
region_of_file() {
    samtools view "$file" "$region" | cmp - want.sam
}
fetches $((size * 2 / 3)) region_of_file # samtools begins to read at the start
cmp <(samtools view "$reads" | sort) <(show_restored web/files/m.bam a.bdiff "$keys/alice.pem" | sort)
stop_serve

# Encrypted, with an encrypted index: ranges of the plain file become ranges of what is on the server.
varlock crypt4gh keygen -q --no-passphrase -o me
varlock crypt4gh encrypt -q -p me.pub -o web/files/e.bam.c4gh web/files/m.bam
varlock crypt4gh encrypt -q -p me.pub -o web/files/e.bam.csi.c4gh web/files/m.bam.csi
decrypt_as owner m.bdiff web/files/m.bam local.bam -r "$region"
fetches $few decrypt_as owner m.bdiff "$url/e.bam.c4gh" part.bam -r "$region" --c4gh-key me.sec
same local.bam part.bam
fetches $few varlock crypt4gh decrypt -q -k me.sec -r "$region" -o part.bam "$url/e.bam.c4gh"
cmp <(samtools view part.bam) <(samtools view web/files/m.bam "${region//,/}")
fetches $few varlock crypt4gh decrypt -q -k me.sec --range 3000000-3000100 -o part "$url/e.bam.c4gh"
cmp part <(head -c 3000100 web/files/m.bam | tail -c 100)

# Whole files, read from the start.
decrypt_as owner m.bdiff "$url/m.bam" back.bam -@1
same o.bam back.bam
cp o.bam web/files
varlock encrypt -q --mask permute -a pop.vac -p "$keys/owner.pub.pem" -d far.bdiff -o far.bam "$url/o.bam"
decrypt_as owner far.bdiff far.bam back.bam
same o.bam back.bam
# Whole files need no ranges of the server.
decrypt_as owner m.bdiff "$url/whole/m.bam" back.bam
same o.bam back.bam

# No index is left here.
rm -f local.bam part.bam back.bam
! ls ./*.csi 2>/dev/null || exit 1

refuses 1 '/none.bam: cannot open: No such file' decrypt_as owner m.bdiff "$url/none.bam" no.bam -r "$region"
refuses 1 '/none.bam: cannot open: No such file' \
    varlock encrypt -q --mask permute -a pop.vac -p "$keys/owner.pub.pem" -d no.bdiff -o no.bam "$url/none.bam"
refuses 1 '/whole/m.bam: .*serves no byte ranges' \
    decrypt_as owner m.bdiff "$url/whole/m.bam" no.bam -r "$region"
mv web/files/m.bam.csi web
refuses 1 '/m.bam: has no index beside it' decrypt_as owner m.bdiff "$url/m.bam" no.bam -r "$region"
head -c $((size / 2)) web/files/m.bam >web/files/cut.bam
refuses 1 '/cut.bam: truncated or corrupt' decrypt_as owner m.bdiff "$url/cut.bam" no.bam
stop
refuses 1 '/m.bam: cannot open: Connection refused' decrypt_as owner m.bdiff "$url/m.bam" no.bam
