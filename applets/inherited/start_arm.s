//go:build !cgo

#include "textflag.h"

// beforeRuntime is what the runtime's entry calls in the place of cgo's
// initialisation.
TEXT ·beforeRuntime(SB),NOSPLIT|NOFRAME,$0
	JMP	·record(SB)

DATA	_cgo_init(SB)/4, $·beforeRuntime(SB)
GLOBL	_cgo_init(SB),NOPTR,$4
