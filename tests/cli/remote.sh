# A masked BAM on a web server: of a region only the bytes around it travel; the access log tells.  The
# server is nginx without privileges, on loopback.
. "$TOP/tests/cli/lib.bash"
PATH=$PATH:/usr/sbin
command -v nginx >/dev/null || {
    note "nginx is not installed (nginx-light)"
    exit 77
}
mkdir www
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
# Small buffers: what is sent ahead of a client that hangs up counts as sent.
cat >nginx.conf <<EOF
daemon off;
master_process off;
pid $PWD/pid;
error_log $PWD/error.log;
events { }
http {
    log_format bytes '\$status \$body_bytes_sent \$uri \$http_range';
    access_log $PWD/access.log bytes;
    sendfile off;
    output_buffers 1 16k;
    client_body_temp_path $PWD/t1;
    proxy_temp_path $PWD/t2;
    fastcgi_temp_path $PWD/t3;
    uwsgi_temp_path $PWD/t4;
    scgi_temp_path $PWD/t5;
    server {
        listen 127.0.0.1:$port sndbuf=16k;
        root $PWD/www;
        location /whole/ { alias $PWD/www/; max_ranges 0; }
    }
}
EOF
nginx -c "$PWD/nginx.conf" -e "$PWD/error.log" &
server=$!
trap 'kill $server; wait' EXIT
url=http://127.0.0.1:$port
for ((i = 0; i < 100; i++)); do
    (exec 3<>/dev/tcp/127.0.0.1/"$port") 2>/dev/null && break
    sleep 0.1
done

# 200 kb at 30x; uncompressed, so that a region is little of it.
python3 "$TOP/tests/bench/make_person.py" 0.2 .
varlock vcf2vac -q -o pop.vac population.vcf
cp person.bam www/original.bam
varlock encrypt -q -a pop.vac -T ref.fa -p "$keys/owner.pub.pem" -d owner.bdiff -o masked.bam "$url/original.bam"
samtools view -u --no-PG -o www/masked.bam masked.bam
samtools index -c www/masked.bam
varlock decrypt -q -k "$keys/owner.pem" -d owner.bdiff -o whole.bam "$url/masked.bam"
same person.bam whole.bam

# travels COMMAND...: what it takes of the masked BAM is under half of it, and is told.
travels() {
    local size sent
    : >access.log
    "$@"
    size=$(stat -c %s www/masked.bam)
    for ((i = 0; i < 50; i++)); do # the server writes its log when it has noticed
        sent=$(awk '$3 == "/masked.bam" { n += $2 } END { print n + 0 }' access.log)
        [ "$sent" -eq 0 ] || break
        sleep 0.1
    done
    note "${*:1:2}: $sent of $size bytes"
    note "$(cat access.log)"
    [ "$sent" -gt 0 ] && [ "$((2 * sent))" -lt "$size" ]
}
region=chr2:40,000-42,000
travels varlock decrypt -q -k "$keys/owner.pem" -d owner.bdiff -r $region -o part.bam "$url/masked.bam"
samtools index person.bam
samtools view -b --no-PG -o expected.bam person.bam $region
same expected.bam part.bam
for place in www "$url"; do
    name=${place%%:*}
    log=$([ $name = www ] || echo travels)
    $log varlock reencrypt -q -k "$keys/owner.pem" -p "$keys/alice.pub.pem" -d owner.bdiff -r $region \
        -o "$name.bdiff" "$place/masked.bam"
    $log varlock decrypt -q -k "$keys/alice.pem" -d "$name.bdiff" -o "slice.$name.bam" "$place/masked.bam"
done
same slice.www.bam slice.http.bam

refused() { # CODE PATTERN URL
    refuses "$1" "$2" varlock decrypt -q -k "$keys/owner.pem" -d owner.bdiff -r $region -o x.bam "$3"
}
refused 1 'none.bam: cannot open: No such file' "$url/none.bam"
refused 1 'masked.bam: cannot open: Connection refused' http://127.0.0.1:1/masked.bam
refused 1 'masked.bam: cannot seek.*ranges' "$url/whole/masked.bam"
