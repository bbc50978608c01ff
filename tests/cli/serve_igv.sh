# Tier: long
# htsjdk and IGV desktop read what `varlock serve` shows, by both URLs; `make interop` installs them
# (WITH_INTEROP).
. "$TOP/tests/cli/lib.bash"
. "$TOP/tests/cli/serve.bash"
[ -n "${WITH_INTEROP-}" ] || {
    note 'only make interop installs IGV and gets htsjdk'
    exit 77
}
printf %032d 7 >key
make_input synth_bam.py mates 400
samtools index o.bam
mask_synth masked o.bam o.fa pop.vac --write-index
varlock reencrypt -q -k "$keys/owner.pem" -p "$keys/alice.pub.pem" -d masked.bdiff -o a.bdiff -r chr1:8001-12000 masked.bam
start_serve -d a.bdiff -k "$keys/alice.pem" masked.bam

cat >pom.xml <<'END'
<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>t</groupId><artifactId>t</artifactId><version>1</version>
<dependencies><dependency><groupId>com.github.samtools</groupId><artifactId>htsjdk</artifactId><version>4.3.0</version>
</dependency></dependencies></project>
END
mvn -q dependency:build-classpath -Dmdep.outputFile=classpath >mvn.log 2>&1 || { note "htsjdk: $(tail -n 1 mvn.log)"; exit 1; }
cat >Ask.java <<'END'
import htsjdk.samtools.*;
import java.net.*;

public class Ask {
    public static void main(String[] a) throws Exception {
        SamInputResource in = a[0].startsWith("htsget:") ? SamInputResource.of(new URI(a[0]))
            : SamInputResource.of(new URL(a[0])).index(new URL(a[0] + ".bai"));
        SamReaderFactory factory = SamReaderFactory.makeDefault().validationStringency(ValidationStringency.SILENT);
        try (SamReader reader = factory.open(in);
             SAMRecordIterator i = reader.queryOverlapping(a[1], Integer.parseInt(a[2]), Integer.parseInt(a[3]))) {
            while (i.hasNext())
                System.out.print(i.next().getSAMString());
        }
    }
}
END
for range in '8001 12000' '15001 15400'; do
    read -r beg end <<<"$range"
    # It writes tags in an order of its own.
    samtools view "$file" "chr1:$beg-$end" | cut -f 1-11 | sort >want.sam
    [ -s want.sam ]
    for url in "$file" "htsget://${reads#http://}"; do
        java -cp "$(cat classpath)" Ask.java "$url" chr1 "$beg" "$end" 2>java.log | cut -f 1-11 | sort | cmp - want.sam ||
            { note "$url $range: $(tail -n 1 java.log)"; exit 1; }
    done
done

mkdir -p home/igv
echo "DEFAULT_GENOME_KEY=$PWD/o.fa" >home/igv/prefs.properties
cat >batch <<END
new
load $file index=$file.bai
goto chr1:9001-9400
snapshotDirectory $PWD
snapshot file.png
new
load htsget://${reads#http://}
goto chr1:9001-9400
snapshot htsget.png
exit
END
: >log
JAVA_TOOL_OPTIONS=-Duser.home=$PWD/home timeout 300 xvfb-run -a igv -g "$PWD/o.fa" -b batch >igv.log 2>&1
for picture in file.png htsget.png; do
    [ "$(stat -c %s $picture)" -gt 10000 ] || { note "$picture: $(tail -n 1 igv.log)"; exit 1; }
done
grep "GET /-/files/$id.bam 206" log >/dev/null
grep -E "GET /-/data/$id\?r=0:[0-9]+-[0-9]+ 200" log >/dev/null
