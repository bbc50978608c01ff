# reencrypt says what it grants, to which keys, and guesses nothing; a key counts once everywhere.
. "$TOP/tests/cli/lib.bash"
make_input synth_bam.py samples 200
contig=$(samtools view -H o.bam | sed -n 's/^@SQ\tSN:\([^\t]*\).*/\1/p' | head -n 1)
encrypt_for_owner pop.vac o.bam m -T o.fa --qual keep -s "$keys/owner.pem"
fingerprint() {
    echo "SHA256:$(openssl pkey -pubin -in "$keys/$1.pub.pem" -outform DER | openssl dgst -sha256 -binary |
        openssl base64 -A | tr -d =)"
}
cut=(varlock reencrypt -k "$keys/owner.pem" -d m.bdiff)
alice=(-p "$keys/alice.pub.pem")
# says LINE OPTION...
says() {
    rm -f new.bdiff
    "${cut[@]}" -o new.bdiff "${@:2}" 2>said
    grep -qxF "varlock reencrypt: $1" said || { note "$(cat said), not $1"; return 1; }
}
says "granted $contig:100-1000 to 1 key ($(fingerprint alice)), not signed" "${alice[@]}" -r "$contig:100-1000" m.bam
length=$(samtools view -H o.bam | sed -n "s/^@SQ\tSN:$contig\tLN:\([0-9]*\).*/\1/p")
says "granted $contig:100-200 $contig:300-$length to 1 key ($(fingerprint alice)), not signed" \
    "${alice[@]}" m.bam "$contig:100-200" "$contig:300-"
says "granted everything to 2 keys ($(fingerprint alice), $(fingerprint bob)), not signed" \
    "${alice[@]}" -p "$keys/bob.pub.pem" --all m.bam
says "granted * to 1 key ($(fingerprint alice)), not signed" "${alice[@]}" --unmapped m.bam
# Many are abridged.
mapfile -t many < <(seq 1 10 100 | awk -v c="$contig" '{ print c ":" $1 "-" $1 + 5 }')
says "granted ${many[*]:0:6} ... (10 regions) to 1 key ($(fingerprint alice)), not signed" "${alice[@]}" m.bam "${many[@]}"
! "${cut[@]}" -q -o quiet.bdiff "${alice[@]}" --all m.bam 2>&1 | grep . || exit 1
says "granted $contig to 1 key ($(fingerprint alice)), signed by $(fingerprint owner)" "${alice[@]}" \
    -s "$keys/owner.pem" -r "$contig" m.bam
# A slice of a slice grants what that grants.
varlock reencrypt -k "$keys/alice.pem" -p "$keys/bob.pub.pem" --all -d new.bdiff -o of_slice.bdiff m.bam 2>said
grep -qF "granted $contig to 1 key ($(fingerprint bob))" said

# Nothing is guessed.
refused=("${cut[@]}" -q -o no.bdiff "${alice[@]}")
refuses 2 'no region is named \(-r, -R, --unmapped\); granting everything needs --all' "${refused[@]}" m.bam
refuses 2 'contradict' "${refused[@]}" --all -r "$contig" m.bam
refuses 2 'contradict' "${refused[@]}" --all m.bam "$contig"
for region in "$contig:1000" "{$contig}:1k" "$contig:1,000"; do
    refuses 2 "region .* is ambiguous: write .*1,?[0k]*- for all that follows, or .*-1,?[0k]* for this position" \
        "${refused[@]}" -r "$region" m.bam
    refuses 2 'is ambiguous' "${refused[@]}" m.bam "$region"
done
decrypt_as owner m.bdiff m.bam part.bam -r "$contig:1000"
samtools view -b -o want.bam o.bam 2>/dev/null
samtools index want.bam
cmp <(samtools view want.bam "$contig:1000") <(samtools view part.bam)
: >empty.bed
printf '# nothing\ntrack name=x\n\n' >comments.bed
for bed in empty comments; do
    gzip -k $bed.bed
    for file in $bed.bed $bed.bed.gz; do
        refuses 1 "$file: holds no interval" "${refused[@]}" -R $file m.bam
        refuses 1 "$file: holds no interval" "${refused[@]}" -r "$contig" -L $file m.bam
    done
done

# The same key twice counts once.
twice=(-p "$keys/alice.pub.pem" -p "$keys/bob.pub.pem")
openssl rsa -pubin -in "$keys/alice.pub.pem" -RSAPublicKey_out -out alice.pkcs1.pem 2>/dev/null
twice+=(-p alice.pkcs1.pem -p "$keys/alice.pub.pem")
recipients() {
    varlock view --header "$1" | sed -n 's/^recipients\t//p'
}
says "granted $contig to 2 keys ($(fingerprint alice), $(fingerprint bob)), not signed" "${twice[@]}" -r "$contig" m.bam
[ "$(recipients new.bdiff)" = 2 ]
printf %032d 7 >key
samtools index o.bam
varlock encrypt -q -a pop.vac -T o.fa --qual keep --mask-key key "${twice[@]}" -d e.bdiff -o e.bam o.bam
[ "$(recipients e.bdiff)" = 2 ]
mapfile -t contigs < <(samtools view -H o.bam | sed -n 's/^@SQ\tSN:\([^\t]*\).*/\1/p')
varlock encrypt -q -a pop.vac -T o.fa --qual keep --mask-key key -p "$keys/alice.pub.pem" -r "${contigs[0]}" \
    -d s1.bdiff -o s1.bam o.bam
as_options "${contigs[@]:1}" '*'
varlock encrypt -q -a pop.vac -T o.fa --qual keep --mask-key key -p "$keys/alice.pub.pem" "${options[@]}" \
    -d s2.bdiff -o s2.bam o.bam
varlock merge -q -k "$keys/alice.pem" "${twice[@]}" -d j.bdiff -o j.bam s1.bam s1.bdiff s2.bam s2.bdiff
[ "$(recipients j.bdiff)" = 2 ]
