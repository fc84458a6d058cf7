# Entry of the launch that shares no memory, on x86-64. ProgramImage puts this before the bytes of the trampoline from its
# label "child" on, into an executable of its own whose second segment is the block. It joins the pod's PID namespace and
# makes the real child as a brother of itself (CLONE_PARENT), reports that one's pid, and ends.
#
# beyond struct block: 128 descriptor of the PID namespace   136 address of the pid that clone3 stores
        .text
        .globl  _start
_start: movabs  $0x2000002000, %rbx             # the block
        mov     $308, %eax                      # setns(namespace, CLONE_NEWPID)
        mov     128(%rbx), %rdi
        mov     $0x20000000, %esi
        syscall
        test    %rax, %rax
        jnz     lost
        mov     $435, %eax                      # clone3(&block->clone_args, 88)
        mov     %rbx, %rdi
        mov     $88, %esi
        syscall
        test    %rax, %rax
        jz      child
        js      lost
        mov     $1, %eax                        # write(report, &pid, 8)
        mov     112(%rbx), %rdi
        lea     136(%rbx), %rsi
        mov     $8, %edx
        syscall
        xor     %edi, %edi
        jmp     exit
lost:   mov     $126, %edi
exit:   mov     $231, %eax
        syscall
        hlt
child:
