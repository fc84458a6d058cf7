// The first process of a pod on AArch64: takes away everybody's right to look into it, then does nothing for ever.
        .text
        .globl  _start
_start: mov     x8, #167                        // prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
        mov     x0, #4
        mov     x1, #0
        mov     x2, #0
        mov     x3, #0
        mov     x4, #0
        svc     #0
wait:   mov     x8, #73                         // ppoll(NULL, 0, NULL, NULL, 0)
        mov     x0, #0
        mov     x1, #0
        mov     x2, #0
        mov     x3, #0
        mov     x4, #0
        svc     #0
        b       wait
