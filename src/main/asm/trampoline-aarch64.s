// The launch on AArch64. Trampoline.java holds these bytes; TrampolineTest assembles this and compares them.
// What it does, and the layout of block and entry: trampoline-x86_64.s.
//
// long launch(struct block *block)       AAPCS64: x0 = block; returns the child's pid or -errno

        .text
        .globl  launch
launch: stp     x19, x20, [sp, #-16]!
        mov     x19, x0
        mov     x8, #435                        // clone3(&block->clone_args, 88)
        mov     x1, #88
        svc     #0
        cbz     x0, child
        ldp     x19, x20, [sp], #16
        ret

child:  ldr     x20, [x19, #88]
next:   str     x20, [x19, #96]
        ldp     x8, x0, [x20]
        ldp     x1, x2, [x20, #16]
        ldp     x3, x4, [x20, #32]
        ldr     x5, [x20, #48]
        ldr     x6, [x20, #72]
        tbz     x6, #0, third
        ldr     x0, [x0]
third:  tbz     x6, #2, enter
        ldr     x2, [x2]
enter:  svc     #0
        ldr     x6, [x20, #56]
        cbz     x6, check
        str     x0, [x6]
check:  cmn     x0, #4095
        b.hs    failed
done:   add     x20, x20, #80
        b       next

failed: neg     x0, x0
        ldr     x6, [x20, #64]
        tbnz    x6, #0, done
        cmp     x0, #63
        b.hi    stop
        lsr     x6, x6, x0
        tbnz    x6, #0, done
stop:   str     x0, [x19, #104]
        mov     x8, #64                         // write(report, &current entry, 16): for a child that shares no memory
        ldr     x0, [x19, #112]
        add     x1, x19, #96
        mov     x2, #16
        svc     #0
        mov     x8, #94                         // exit_group(127)
        mov     x0, #127
        svc     #0
        udf     #0
