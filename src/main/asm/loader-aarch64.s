// How a child apart begins on AArch64: Loader.java puts this before the trampoline's code from its label child on, and writes
// the block's address into it.
        .text
        .globl  _start
_start: ldr     x19, block
        b       child
block:  .quad   0
child:
