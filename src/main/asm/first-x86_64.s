# The first process of a pod on x86-64: takes away everybody's right to look into it, then does nothing for ever.
        .text
        .globl  _start
_start: mov     $157, %eax                      # prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
        mov     $4, %edi
        xor     %esi, %esi
        xor     %edx, %edx
        xor     %r10d, %r10d
        xor     %r8d, %r8d
        syscall
wait:   mov     $271, %eax                      # ppoll(NULL, 0, NULL, NULL, 0)
        xor     %edi, %edi
        xor     %esi, %esi
        xor     %edx, %edx
        xor     %r10d, %r10d
        xor     %r8d, %r8d
        syscall
        jmp     wait
