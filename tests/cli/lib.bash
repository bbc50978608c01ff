# Shared by the cases that work on alignments; sourced, not run.
keys=$KEYS
py=$TOP/tests/tools

note() {
    echo "$*" >&2
}

# by_tier QUICK FULL: the one of this run's tier
by_tier() {
    if [ "$TIER" = quick ]; then
        echo "${1-}"
    else
        echo "${2-}"
    fi
}

# The SHARED data or a skip.
need_shared() {
    if [ ! -e "$SHARED/data/$1" ]; then
        note "$SHARED/data/$1 is not there"
        exit 77
    fi
}

# Equal as alignments: see bamdiff.c.
same() {
    bamdiff "$@" >&2
}

# refuses CODE PATTERN COMMAND...: the command exits with CODE, prints one line on stderr, which
# matches PATTERN, and leaves the directory as it was.
refuses() {
    local code=$1 pattern=$2 status=0 before after
    shift 2
    before=$(ls -A)
    "$@" >/dev/null 2>"$PWD.refusal" </dev/null || status=$?
    after=$(ls -A)
    if [ $status -ne "$code" ] || [ "$before" != "$after" ] || ! grep -qE -- "$pattern" "$PWD.refusal" ||
        [ "$(wc -l <"$PWD.refusal")" -ne 1 ]; then
        note "$*: exit $status, not $code; or a line that is not /$pattern/; or files left:"
        note "$(cat "$PWD.refusal")"
        note "$(diff <(echo "$before") <(echo "$after"))"
        return 1
    fi
}

# ends_when_killed INPUT COMMAND...: COMMAND, which reads its standard input and writes out.bam and
# out.bdiff into the directory `killed`, gets half of INPUT, stalls, and is killed with each signal in
# turn.  It must end by the signal and leave no output; KILL may leave a temporary.
ends_when_killed() {
    local input=$1 signal status pid hold file tries
    shift
    [ -p stalled ] || mkfifo stalled
    for signal in TERM INT KILL; do
        mkdir killed
        # INT is ignored by what a script starts in the background, unless it is reset.
        env --default-signal=INT "$@" <stalled 2>/dev/null &
        pid=$!
        # Open until the command is gone, so that it waits for more.
        exec {hold}>stalled
        head -c $(($(stat -c %s "$input") / 2)) "$input" >&"$hold" 2>/dev/null || true
        for ((tries = 0; tries < 6000; tries++)); do
            [ -z "$(ls -A killed)" ] || break
            sleep 0.05
        done
        [ $tries -lt 6000 ] || { note "$signal: half of $input brings no output"; return 1; }
        kill -$signal $pid
        status=0
        wait $pid || status=$?
        exec {hold}>&-
        [ $status -eq $((128 + $(kill -l $signal))) ] || { note "$signal: exit $status"; return 1; }
        for file in out.bam out.bdiff out.bam.csi; do
            [ ! -e killed/$file ] || { note "$signal left $file"; return 1; }
        done
        [ $signal = KILL ] || [ -z "$(ls -A killed)" ] || { note "$signal left $(ls -A killed)"; return 1; }
        rm -r killed
    done
}

# masking OPTIONS...: --mask permute, unless the options choose
masking() {
    [[ " $* " == *' -T '* || " $* " == *' --mask '* ]] || echo --mask permute
}

# encrypt_for_owner VAC BAM PREFIX [options]: PREFIX.bam and PREFIX.bdiff, indexed, whatever was there
encrypt_for_owner() {
    local vac=$1 bam=$2 prefix=$3
    shift 3
    varlock encrypt -q $(masking "$@") --force -a "$vac" -p "$keys/owner.pub.pem" -d "$prefix.bdiff" -o "$prefix.bam" "$@" "$bam"
    samtools index "$prefix.bam"
}

# decrypt_as WHO BDIFF MASKED OUTPUT [options]
decrypt_as() {
    local who=$1 bdiff=$2 masked=$3 output=$4
    shift 4
    varlock decrypt -q -k "$keys/$who.pem" -d "$bdiff" -o "$output" "$@" "$masked"
}

# Masks and restores with everything default; the restored file must be the original.
round_trip() { # VAC BAM [encrypt options]
    encrypt_for_owner "$1" "$2" masked "${@:3}"
    decrypt_as owner masked.bdiff masked.bam back.bam
    same "$2" back.bam
}

# comes_back BDIFF MASKED: MASKED is restored to o.bam
comes_back() {
    decrypt_as owner "$1" "$2" cram_back.bam -T o.fa || { note "from $2"; return 1; }
    same o.bam cram_back.bam || { note "from $2"; return 1; }
}

# through_cram [encrypt options]: o.bam comes back from m.bam turned to CRAM by samtools, from that turned to
# BAM again, and from o.bam masked as CRAM
through_cram() {
    local bases=()
    [ $# -gt 0 ] || set -- --mask permute -T o.fa
    # No reference has contigs without bases, and samtools 1.16 can crash where one lacks a contig.
    ! samtools view -H m.bam | grep $'^@SQ.*\tLN:0\\>' >/dev/null || bases=(--output-fmt-option no_ref=1)
    samtools view -C "${bases[@]}" -T o.fa -o trip.cram m.bam &&
        samtools view -b -T o.fa -o trip.bam trip.cram &&
        comes_back m.bdiff trip.cram &&
        comes_back m.bdiff trip.bam &&
        varlock encrypt -q --force -a pop.vac -p "$keys/owner.pub.pem" -d c.bdiff -o c.cram "$@" o.bam &&
        comes_back c.bdiff c.cram
}

# mask_synth PREFIX INPUT REFERENCE VAC [options]: PREFIX.bam and PREFIX.bdiff, drawn by the file `key`,
# whatever was there
mask_synth() {
    local prefix=$1 input=$2 reference=$3 vac=$4
    shift 4
    varlock encrypt -q --force -a "$vac" -T "$reference" -p "$keys/owner.pub.pem" -d "$prefix.bdiff" \
        -o "$prefix.bam" --mask-key key "$@" "$input"
}

# What a masked BAM holds, without the random id of its BDIFF.
masked_bytes() {
    bgzip -dc "$1" | sed 's/bdiff=[0-9a-f]\{32\}/bdiff=/'
}

# share_names: read groups of o.bam have templates of the same names
share_names() {
    samtools view -h --no-PG o.bam | awk -F '\t' -v OFS='\t' '/^@/ { print; next }
        { rg = match($0, /\tRG:Z:[^\t]*/) ? substr($0, RSTART, RLENGTH) : ""
          if (!((rg, $1) in name)) name[rg, $1] = "n" ++n[rg]
          $1 = name[rg, $1]; print }' | samtools view --no-PG -b -o shared.bam -
    mv shared.bam o.bam
}

# make_input TOOL NAME [N]: o.bam, its reference o.fa, where the tool makes one, and pop.vac
make_input() {
    rm -f o.*
    python3 "$py/$1" "${@:2:1}" o "${@:3}"
    varlock vcf2vac -q -o pop.vac o.vcf
}

python=/usr/bin/python3 # where Debian's packages are
need_cryptography() {
    "$python" -c 'import cryptography' 2>/dev/null || {
        note 'python3-cryptography is not installed'
        exit 77
    }
}

# random_regions SEED N: around reads of o.bam
random_regions() {
    samtools view -h -F 4 o.bam | awk -F '\t' -v seed="$1" -v n="$2" '
        BEGIN { srand(seed) }
        $1 == "@SQ" { length_of[substr($2, 4)] = substr($3, 4) + 0 }
        /^@/ { next }
        { total++
          for (i = 0; i < n; i++)
              if (rand() < 1 / total) { contig[i] = $3; pos[i] = $4 } }
        END { for (i = 0; i < n && total; i++) {
                  beg = pos[i] - int(rand() * 300)
                  end = pos[i] + int(exp(rand() * 11))
                  if (beg < 1) beg = 1
                  if (end > length_of[contig[i]]) end = length_of[contig[i]]
                  print contig[i] ":" beg "-" end } }'
}

# Fills `options` with a -r for every region.
as_options() {
    local region
    options=()
    for region; do
        options+=(-r "$region")
    done
}

as_bed() {
    printf '%s\n' "$@" | sed -E 's/^(.*):([0-9]+)-([0-9]+)$/\1 \2 \3/' | awk -v OFS='\t' '{ print $1, $2 - 1, $3 }'
}

# What the owner gets of regions is what samtools view -M gets of the original.
owner_reads_regions() { # REGION...
    as_options "$@"
    decrypt_as owner m.bdiff m.bam part.bam "${options[@]}"
    samtools view -h --no-PG -M o.bam "$@" >want.sam
    samtools view -h --no-PG part.bam | cmp - want.sam
}

# What config.yaml of the workflow $example names.
workflow_input() {
    make_input synth_bam.py mates 400
    mv o.bam original.bam
    mv o.fa ref.fa
    mv pop.vac population.vac
    samtools index original.bam
    cp "$keys/owner.pem" "$keys/owner.pub.pem" "$example/config.yaml" .
    printf %032d 7 >mask.key
}
