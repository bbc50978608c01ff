"""Runs a program on a terminal of its own and answers its prompts.

answer_prompts.py PROGRAM ARG... -- PROMPT ANSWER [PROMPT ANSWER]...

Waits for each PROMPT, checks that the echo is off, types ANSWER and return (`^C`: the interrupt
key).  Prints what the program said and whether the echo is on at the end; exits as the program
did, 128 + the signal's number where a signal ended it.
"""
import os
import pty
import sys
import termios


def echo_is_on(terminal):
    return bool(termios.tcgetattr(terminal)[3] & termios.ECHO)


def read(terminal):
    try:
        return os.read(terminal, 4096)
    except OSError:  # the other side has been closed
        return b""


def main():
    split = sys.argv.index("--")
    program, dialogue = sys.argv[1:split], sys.argv[split + 1:]
    child, terminal = pty.fork()
    if child == 0:
        os.execvp(program[0], program)
    said, seen = b"", 0
    for prompt, answer in zip(dialogue[::2], dialogue[1::2]):
        while prompt.encode() not in said[seen:]:
            piece = read(terminal)
            if not piece:
                sys.exit(f"no prompt {prompt!r} in {said!r}")
            said += piece
        seen = len(said)
        if echo_is_on(terminal):
            sys.exit(f"the echo is on at {prompt!r}")
        os.write(terminal, b"\x03" if answer == "^C" else answer.encode() + b"\n")
    status = None
    if dialogue[-1] == "^C":
        status = os.waitpid(child, 0)[1]
        print("echo is", "on" if echo_is_on(terminal) else "off")
    while piece := read(terminal):
        said += piece
    if status is None:
        status = os.waitpid(child, 0)[1]
    print(said.decode())
    sys.exit(128 + os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status))


main()
