# A masked file on a server is restored on the way, and only the windows that it takes travel.
. "$TOP/tests/cli/lib.bash"
. "$TOP/tests/cli/fetch.bash"
unset HTS_AUTH_LOCATION

mkdir web
make_input synth_bam.py trimmed "$(by_tier 3000 12000)"
varlock vcf2vac -q -o pop.vac o.vcf
varlock encrypt -q -T o.fa -a pop.vac -p "$keys/owner.pub.pem" -s "$keys/owner.pem" -d owner.bdiff -o web/m.bam --write-index o.bam
samtools index web/m.bam
serve_htsget web
read -r contig length _ < <(samtools idxstats web/m.bam | sort -k 3,3nr)
a=$contig:$((length / 4))-$((length / 3)) b=$contig:$((length / 2))-$((length * 2 / 3))
varlock reencrypt -q -k "$keys/owner.pem" -p "$keys/alice.pub.pem" -r "$a" -r "$b" -d owner.bdiff -o alice.bdiff web/m.bam
mine=(-k "$keys/owner.pem" -d owner.bdiff)

for how in '' superset/; do
    for regions in "-r $a" "-r $b" "-r $a -r $b" '-r *' ''; do
        read -ra options <<<"$regions"
        varlock decrypt -q "${mine[@]}" "${options[@]}" -o want.bam web/m.bam
        varlock fetch -q "${mine[@]}" -V "$keys/owner.pub.pem" "${options[@]}" -o got.bam "$url/reads/${how}m.bam"
        same want.bam got.bam || { note "owner $how $regions"; exit 1; }
        [ "$(stat -c %a got.bam)" = 600 ]
    done
    for regions in "-r $a" "-r $a -r $b" ''; do
        read -ra options <<<"$regions"
        varlock decrypt -q -k "$keys/alice.pem" -d alice.bdiff "${options[@]}" -o want.bam web/m.bam
        varlock fetch -q -k "$keys/alice.pem" -d alice.bdiff "${options[@]}" -o got.bam "$url/reads/${how}m.bam"
        same want.bam got.bam || { note "alice $how $regions"; exit 1; }
        [ "$(samtools view -c got.bam)" -gt 0 ]
    done
done

# What came for a region is less than the file.
varlock fetch -q --verbose "${mine[@]}" -r "$a" -o got.bam "$url/reads/m.bam" 2>counts
[ "$(sed -n 's/^bytes\t//p' counts)" -lt "$(stat -c %s web/m.bam)" ] || [ "$TIER" = quick ]

# Another region than was granted, another key, another file.
refuses 3 "does not grant" varlock fetch -q -k "$keys/alice.pem" -d alice.bdiff -r "$contig" -o no.bam "$url/reads/m.bam"
refuses 3 'no entry|recipient' varlock fetch -q -k "$keys/bob.pem" -d alice.bdiff -o no.bam "$url/reads/m.bam"
samtools view -b --no-PG -o web/o.bam o.bam
refuses 1 'reads/o.bam: is not a masked file' varlock fetch -q "${mine[@]}" -o no.bam "$url/reads/o.bam"
varlock encrypt -q --force -T o.fa -a pop.vac -p "$keys/owner.pub.pem" -d other.bdiff -o web/other.bam o.bam
samtools index web/other.bam
status=0
varlock fetch -q "${mine[@]}" -r "$a" -o no.bam "$url/reads/other.bam" 2>said || status=$?
[ $status -eq 3 ] && grep 'reads/other.bam: was not masked together with this BDIFF' said >/dev/null && [ ! -e no.bam ]
refuses 2 'go together' varlock fetch -q -d owner.bdiff -o no.bam "$url/reads/m.bam"
