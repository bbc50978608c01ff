# What stands there is replaced only where it can be had again, or where it is asked for; and what is
# meant as a file is one.
. "$TOP/tests/cli/lib.bash"
make_input synth_bam.py mates 60
encrypt_for_owner pop.vac o.bam m --mask permute
mask=(varlock encrypt -q --mask permute -a pop.vac -p "$keys/owner.pub.pem")
cut=(varlock reencrypt -q -k "$keys/owner.pem" -p "$keys/alice.pub.pem" -r chr1:1-5000 -d m.bdiff)
join=(varlock merge -q -k "$keys/owner.pem" -p "$keys/owner.pub.pem")
restore=(varlock decrypt -q -k "$keys/owner.pem" -d m.bdiff)

# Refused at the start: what is to be read is not there.
touch there.bdiff there.bam new.bam.csi
for command in "${mask[*]} -d there.bdiff -o new.bam none" "${mask[*]} -d new.bdiff -o there.bam none" \
    "${mask[*]} -d new.bdiff -o new.bam --write-index none" "${join[*]} -d there.bdiff -o n.bam none none" \
    "${join[*]} -d new.bdiff -o there.bam none none" "${join[*]} -d new.bdiff -o new.bam none none" \
    "${cut[*]} -o there.bdiff none"; do
    # shellcheck disable=SC2086 # words
    refuses 2 'exists already; a BDIFF is the only way back .*--force' $command
    # shellcheck disable=SC2086
    refuses 1 'none|new.bam.csi' ${command/ -q / -q --force }
done
[ ! -s there.bdiff ]
[ ! -s there.bam ]
"${mask[@]}" --force -d there.bdiff -o there.bam o.bam
[ -s there.bdiff ]
"${mask[@]}" -d /dev/null -o /dev/null o.bam
[ -c /dev/null ]

# Names the wrong way round.
for bdiff in x.bam X.BAM x.cram x.sam x.bam.csi; do
    refuses 2 "$bdiff: is named as alignments" "${mask[@]}" -d $bdiff -o y.bam o.bam
    refuses 2 "$bdiff: is named as alignments" "${join[@]}" -d $bdiff -o y.bam m.bam m.bdiff
    refuses 2 "$bdiff: is named as alignments" "${cut[@]}" -o $bdiff m.bam
done
refuses 2 'y.bdiff: is named as a BDIFF' "${mask[@]}" -d x -o y.bdiff o.bam
refuses 2 'y.bdiff: is named as a BDIFF' "${join[@]}" -d x -o y.bdiff m.bam m.bdiff
refuses 2 'y.bdiff: is named as a BDIFF' "${restore[@]}" -o y.bdiff m.bam

# A pipe takes alignments, nothing else.
mkfifo pipe pipe.bam.csi
refuses 2 'pipe: is a pipe' "${mask[@]}" -d pipe -o x.bam o.bam
refuses 2 'pipe: is a pipe' "${cut[@]}" -o pipe m.bam
refuses 2 'pipe.bam.csi: is a pipe' "${mask[@]}" -d x.bdiff -o pipe.bam --write-index o.bam
refuses 2 'pipe.bam.csi: is a pipe' "${restore[@]}" -o pipe.bam --write-index m.bam
refuses 2 'same file' "${restore[@]}" -o pipe pipe
cat pipe >x.bam &
reader=$!
"${mask[@]}" -d x.bdiff -o pipe o.bam
wait $reader
decrypt_as owner x.bdiff x.bam back.bam
same o.bam back.bam

# What is restored is its owner's; one that is replaced hands on its permissions.
umask 022
rm -f back.bam
"${restore[@]}" -o back.bam --write-index m.bam
[ "$(stat -c %a back.bam back.bam.csi | tr '\n' ' ')" = '600 600 ' ]
chmod 640 back.bam
"${restore[@]}" -o back.bam --write-index m.bam
[ "$(stat -c %a back.bam back.bam.csi | tr '\n' ' ')" = '640 600 ' ]
same o.bam back.bam

# Links that somebody else has put into a directory that everybody may write to.
if [ "$(id -u)" -eq 0 ]; then
    mkdir shared
    chmod 1777 shared
    for name in x.bam x.bdiff x.bam.csi; do
        ln -s ../there.bam shared/$name
        chown -h 12345 shared/$name
        refuses 1 "shared/$name: is a symbolic link of another user" "${mask[@]}" --force --write-index \
            -d shared/x.bdiff -o shared/x.bam o.bam
        rm shared/$name
    done
fi

# A key is never replaced: what was sealed to it could not be opened again.
cp "$keys/alice.pem" precious.pem
refuses 2 'precious.pem: is a key and is not replaced' \
    varlock vcf2vac -q -o precious.pem "$TESTDATA/golden/population.vcf"
cmp precious.pem "$keys/alice.pem"
