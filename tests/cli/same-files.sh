# An output that is an input, or another output, is refused with exit 2 before anything happens.
refused() {
    local status=0
    varlock "$@" >/dev/null 2>err </dev/null || status=$?
    if [ $status -ne 2 ] || ! grep -qE 'are the same file|two outputs go to' err; then
        echo "varlock $*: exit $status, $(cat err)" >&2
        return 1
    fi
}
for file in in vac key pub ref bdiff bed; do
    echo "$file" >"$file"
done
ln -s in link
ln in hard
for output in in ./in link hard; do
    refused encrypt -a vac -p pub -d new.bdiff -o $output in
    refused encrypt -a vac -p pub -d $output -o new.bam in
    refused decrypt -k key -d bdiff -o $output in
    refused vcf2vac -o $output in
    refused reencrypt -k key -p pub -d bdiff -o $output in
done
refused encrypt -a vac -p pub -d new.bdiff -o vac in
refused encrypt -a vac -p key -p pub -d new.bdiff -o pub in
refused encrypt -a vac -p pub -s key -d key -o new.bam in
refused encrypt -a vac -p pub -d new -o ./new in
refused encrypt -a vac -p pub -d - -o - in
refused decrypt -k key -d bdiff -o bdiff in
refused decrypt -k key -d bdiff -o key in
refused decrypt -k key -d bdiff -R bed -o bed in
refused decrypt -k key -d bdiff -T ref -o ref in
refused reencrypt -k key -p pub -d bdiff -o bdiff in
# The index beside an output is an output too.
for file in vac bdiff; do
    cp $file $file.csi
done
refused encrypt -a vac.csi -p pub -d new.bdiff --write-index -o vac in
refused encrypt -a vac -p pub -d new.bam.csi --write-index -o new.bam in
refused decrypt -k key -d bdiff.csi --write-index -o bdiff in
[ "$(cat vac.csi bdiff.csi)" = "$(cat vac bdiff)" ]
for file in in vac key pub ref bdiff bed; do
    [ "$(cat $file)" = "$file" ]
done
[ ! -e new.bdiff ]
[ ! -e new.bam ]
