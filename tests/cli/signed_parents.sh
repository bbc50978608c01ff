# Whoever signs a slice has verified what it is cut from: its parent's signature is that of -V or of
# the signer's own key, and it is checked before anything of the parent is decoded; --unverified is
# said to be. merge does likewise. What is not signed, or stands on what nobody verified, is warned of.
. "$TOP/tests/cli/lib.bash"
golden=$TESTDATA/golden
varlock vcf2vac -q -o pop.vac "$golden/population.vcf"
mask=(varlock encrypt --mask permute -a pop.vac -p "$keys/owner.pub.pem")
"${mask[@]}" -d unsigned.bdiff -o unsigned.bam --write-index "$golden/person.sam" 2>said
[ "$(grep -c 'warning: unsigned.bdiff is not signed: .*-s signs' said)" = 1 ]
"${mask[@]}" -s "$keys/owner.pem" -d m.bdiff -o m.bam --write-index "$golden/person.sam" 2>said
[ "$(grep -c 'is not signed' said)" = 0 ]

cut_slice() { # PARENT MASKED SLICE [options]
    varlock reencrypt -k "$keys/owner.pem" -p "$keys/alice.pub.pem" -r z:601-1600 -d "$1" -o "$3" "${@:4}" "$2"
}
signed=(-s "$keys/owner.pem")
# The owner's own file, signed by the owner: nothing to say.
cut_slice m.bdiff m.bam own.bdiff "${signed[@]}" 2>said
[ "$(grep -vc ': granted ' said)" = 0 ]
# Nobody signed it, or somebody else did.
refuses 3 'unsigned.bdiff: is not signed, so .*owner.pem \(-V .*--unverified' \
    cut_slice unsigned.bdiff unsigned.bam out.bdiff "${signed[@]}"
refuses 3 'm.bdiff: was not signed with the key of .*bob.pem \(-V .*--unverified' \
    cut_slice m.bdiff m.bam out.bdiff -s "$keys/bob.pem"
cut_slice m.bdiff m.bam bobs.bdiff -s "$keys/bob.pem" -V "$keys/owner.pub.pem" 2>said
[ "$(grep -vc ': granted ' said)" = 0 ]
decrypt_as alice bobs.bdiff m.bam out.sam -V "$keys/bob.pub.pem"
rm out.sam
refuses 2 'contradict' cut_slice m.bdiff m.bam out.bdiff "${signed[@]}" -V "$keys/owner.pub.pem" --unverified
cut_slice unsigned.bdiff unsigned.bam laundered.bdiff "${signed[@]}" --unverified 2>said
[ "$(grep -c 'warning: nobody verified who wrote unsigned.bdiff; your signature' said)" = 1 ]
cut_slice m.bdiff m.bam plain.bdiff 2>said
[ "$(grep -c 'warning: nobody verified who wrote m.bdiff; -V' said)" = 1 ]
[ "$(grep -c 'warning: plain.bdiff is not signed' said)" = 1 ]
[ "$(grep -vc ': granted ' said)" = 2 ]
# --whole says what it does not verify.
varlock decrypt -k "$keys/alice.pem" -V "$keys/owner.pub.pem" --whole -d own.bdiff -o whole.sam m.bam 2>said
[ "$(grep -c 'not verified' said)" = 1 ]

# The masking key of an earlier run: who made its BDIFF knows it.
like=("${mask[@]}" -k "$keys/owner.pem" -d l.bdiff -o l.bam "$golden/person.sam")
refuses 3 'unsigned.bdiff: is not signed, so .*owner.pem \(-V .*--unverified' \
    "${like[@]}" --like unsigned.bdiff "${signed[@]}"
refuses 2 'are about the BDIFF of --like' "${mask[@]}" -V "$keys/owner.pub.pem" -d l.bdiff -o l.bam "$golden/person.sam"
"${like[@]}" --like m.bdiff "${signed[@]}" 2>said
[ "$(grep -c 'verified' said)" = 0 ]
rm l.*
"${like[@]}" --like unsigned.bdiff 2>said
[ "$(grep -c 'warning: nobody verified who wrote unsigned.bdiff; its author can know the masking key' said)" = 1 ]
rm l.*

# Shards.
samtools view --no-PG -b -o o.bam "$golden/person.sam"
samtools index o.bam
printf %032d 7 >key
for shard in z:s1 y:s2; do
    "${mask[@]}" -q -s "$keys/owner.pem" --mask-key key -r "${shard%:*}" -d "${shard#*:}.bdiff" \
        -o "${shard#*:}.bam" o.bam
done
"${mask[@]}" -q --mask-key key -r z -d u1.bdiff -o u1.bam o.bam
rest=()
while read -r contig; do
    case $contig in z | y) ;; *) rest+=(-r "$contig") ;; esac
done < <(samtools idxstats o.bam | cut -f 1)
"${mask[@]}" -q -s "$keys/owner.pem" --mask-key key "${rest[@]}" -d s3.bdiff -o s3.bam o.bam
join=(varlock merge -k "$keys/owner.pem" -p "$keys/owner.pub.pem" -d j.bdiff -o j.bam)
others=(s2.bam s2.bdiff s3.bam s3.bdiff)
refuses 3 'u1.bdiff: is not signed, so .*owner.pem \(-V' "${join[@]}" -s "$keys/owner.pem" u1.bam u1.bdiff "${others[@]}"
refuses 3 's1.bdiff: was not signed with the key of .*bob.pem' "${join[@]}" -s "$keys/bob.pem" s1.bam s1.bdiff "${others[@]}"
"${join[@]}" -s "$keys/owner.pem" s1.bam s1.bdiff "${others[@]}" 2>said
[ "$(grep -c warning said)" = 0 ]
rm j.*
"${join[@]}" -s "$keys/owner.pem" --unverified u1.bam u1.bdiff "${others[@]}" 2>said
[ "$(grep -c 'warning: nobody verified who wrote the shards; your' said)" = 1 ]
rm j.*
"${join[@]}" u1.bam u1.bdiff "${others[@]}" 2>said
[ "$(grep -c 'warning: ' said)" = 2 ]


# The signature comes first: of a foreign file, which is malformed too, the first thing said is that
# nobody signed it.
need_cryptography
"$python" "$py/hostile_bdiff.py" --broken-header "$golden/synth.bdiff" "$keys/owner.pem" foreign.bdiff
foreign=(varlock decrypt -q -k "$keys/owner.pem" -d foreign.bdiff -o out.bam)
refuses 3 'foreign.bdiff: is not signed, so' "${foreign[@]}" -V "$keys/owner.pub.pem" "$golden/synth.bam"
refuses 3 'foreign.bdiff: the sealed header is malformed' "${foreign[@]}" "$golden/synth.bam"
