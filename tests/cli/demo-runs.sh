# The demo ends well: it checks by itself what the researcher and the owner get.
DEMO_DIR=$PWD/demo "$TOP/tests/tools/demo.sh" >out 2>&1
grep 'header and records are those of original.bam' out >/dev/null
