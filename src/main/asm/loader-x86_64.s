# How a child apart begins on x86-64: Loader.java puts this before the trampoline's code from its label child on, and writes
# the block's address into it.
        .text
        .globl  _start
_start: movabs  $0, %rbx
