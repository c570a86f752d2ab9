//go:build !cgo

#include "textflag.h"

#define SYS_arch_prctl 158
#define ARCH_SET_FS    0x1002

// beforeRuntime is what the runtime's entry calls in the place of cgo's
// initialisation. On this processor it then relies on that to have set up the
// thread's own memory, in whose last word it keeps the goroutine.
TEXT ·beforeRuntime(SB),NOSPLIT|NOFRAME,$0
	MOVQ	$SYS_arch_prctl, AX
	MOVQ	$ARCH_SET_FS, DI
	LEAQ	·threadLocal+8(SB), SI
	SYSCALL
	JMP	·record(SB)

GLOBL	·threadLocal(SB),NOPTR,$8

DATA	_cgo_init(SB)/8, $·beforeRuntime(SB)
GLOBL	_cgo_init(SB),NOPTR,$8
