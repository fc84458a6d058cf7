# The launch on x86-64. Trampoline.java holds these bytes; TrampolineTest assembles this and compares them.
#
# long launch(struct block *block)       System V: rdi = block; returns the child's pid or -errno
#
# The child shares memory and stack with its parent, which waits (CLONE_VM | CLONE_VFORK). So from clone3 on it touches no
# stack (no call, push, pop, ret) and no register that the parent needs (the kernel restores the parent's). It makes the
# system calls of the program one by one until an exec succeeds or an error is not to be ignored.
#
# struct block   0 struct clone_args (88 bytes)   88 first entry   96 current entry   104 errno   112 report descriptor
# struct entry   0 number   8..48 six arguments   56 where to store the result, or 0   64 errnos to ignore (bit n: errno n;
#                bit 0: all)   72 indirect arguments (bit 0: the first, bit 2: the third, is the address of its value)
# size 80

        .text
        .globl  launch
launch: push    %rbx
        mov     %rdi, %rbx
        mov     $435, %eax                      # clone3(&block->clone_args, 88)
        mov     $88, %esi
        syscall
        test    %rax, %rax
        jz      child
        pop     %rbx
        ret

child:  mov     88(%rbx), %r12
next:   mov     %r12, 96(%rbx)
        mov     (%r12), %rax
        mov     8(%r12), %rdi
        mov     16(%r12), %rsi
        mov     24(%r12), %rdx
        mov     32(%r12), %r10
        mov     40(%r12), %r8
        mov     48(%r12), %r9
        mov     72(%r12), %r13
        test    $1, %r13b
        jz      third
        mov     (%rdi), %rdi
third:  test    $4, %r13b
        jz      enter
        mov     (%rdx), %rdx
enter:  syscall
        mov     56(%r12), %r13
        test    %r13, %r13
        jz      check
        mov     %rax, (%r13)
check:  cmp     $-4095, %rax
        jae     failed
done:   add     $80, %r12
        jmp     next

failed: neg     %rax
        mov     64(%r12), %r13
        test    $1, %r13b
        jnz     done
        cmp     $63, %rax
        ja      stop
        bt      %rax, %r13
        jc      done
stop:   mov     %rax, 104(%rbx)
        mov     $1, %eax                        # write(report, &current entry, 16): for a child that shares no memory
        mov     112(%rbx), %rdi
        lea     96(%rbx), %rsi
        mov     $16, %edx
        syscall
        mov     $231, %eax                      # exit_group(127)
        mov     $127, %edi
        syscall
        hlt
