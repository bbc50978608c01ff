# Tier: long
# What featureCounts counts per gene is the same in the masked file of RNA reads, if NH is kept, which
# tells it the reads of several places.
. "$TOP/tests/cli/lib.bash"
command -v featureCounts >/dev/null || {
    note 'featureCounts (subread) is not installed'
    exit 77
}
printf %032d 7 >key
make_input synth_bam.py rna 3000
mask_synth m o.bam o.fa pop.vac --qual keep --keep-tags NH

# A gene is where spans of reads overlap; what is aligned there is its exons.
samtools view -F 0x904 o.bam | awk -v OFS='\t' '
    { at = $4; cigar = $6
      while (match(cigar, /^[0-9]+/)) {
          n = substr(cigar, 1, RLENGTH); op = substr(cigar, RLENGTH + 1, 1); cigar = substr(cigar, RLENGTH + 2)
          if (op ~ /[M=XD]/) exons[++k] = at OFS at + n - 1
          if (op ~ /[M=XDN]/) at += n
      }
      if ($3 != contig || $4 > end) { gene++; contig = $3; end = 0 }
      if (at - 1 > end) end = at - 1
      for (; done < k; ) { split(exons[++done], e, OFS)
          print contig, "varlock", "exon", e[1], e[2], ".", "+", ".", "gene_id \"g" gene "\";" } }' | sort -u >genes.gtf
count() { # FILE: gene, fragments
    featureCounts -Q 0 -p --countReadPairs --primary -a genes.gtf -o counts.txt "$1" >counts.log 2>&1
    cut -f 1,7 counts.txt | tail -n +3
}
count o.bam >o.txt
count m.bam >m.txt
diff o.txt m.txt >&2
awk '{ n += $2; genes += $2 > 0 } END { print n " fragments of " genes " genes"; exit n < 2000 || genes < 3 }' m.txt >&2
