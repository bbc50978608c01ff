# The terminal is asked with echo off, twice for a new key, and has its echo back afterwards.
python3 "$TOP/tests/tools/answer_prompts.py" varlock keygen -o asked --bits 2048 \
    -- 'new key: ' secret 'again: ' secret >transcript
! grep -q secret transcript || exit 1
openssl pkey -in asked.pem -passin pass:secret -noout

status=0
python3 "$TOP/tests/tools/answer_prompts.py" varlock keygen -o differ --bits 2048 \
    -- 'new key: ' secret 'again: ' secreT >transcript || status=$?
[ $status -eq 2 ]
grep -q 'the two passphrases differ' transcript
[ ! -e differ.pem ]

# ^C at the prompt ends by SIGINT.
status=0
python3 "$TOP/tests/tools/answer_prompts.py" varlock keygen -o gone --bits 2048 \
    -- 'new key: ' '^C' >transcript || status=$?
[ $status -eq 130 ]
grep -q '^echo is on' transcript
